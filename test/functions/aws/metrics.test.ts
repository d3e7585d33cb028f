import { describe, expect, it, vi } from 'vitest';
import { emitMetrics } from '../../../functions/aws/metrics.ts';
import { NOW } from '../rollout/given.ts';

interface MetricLine extends Record<string, unknown> {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

/** The one line that a call writes. */
function written(): string {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const metrics = { Rollouts: { value: 1, unit: 'Count' }, DetectionLagSeconds: undefined } as const;
  emitMetrics({ Service: 'default/web', Outcome: 'SUCCEEDED' }, metrics, NOW);
  const [[text] = []] = log.mock.calls;
  log.mockRestore();
  return String(text);
}

describe('a metric line', () => {
  const text = written();
  const line = JSON.parse(text) as MetricLine;

  it('is one line of JSON that names namespace, dimensions, metrics and time', () => {
    expect(text).not.toContain('\n');
    expect(line._aws).toEqual({
      Timestamp: NOW,
      CloudWatchMetrics: [
        {
          Namespace: 'FargateRollouts',
          Dimensions: [['Service', 'Outcome']],
          Metrics: [{ Name: 'Rollouts', Unit: 'Count' }],
        },
      ],
    });
  });

  it('holds a text for every dimension and a number for every metric, and no other member', () => {
    const { _aws, ...members } = line;
    expect(members).toEqual({ Service: 'default/web', Outcome: 'SUCCEEDED', Rollouts: 1 });
    const [directive] = _aws.CloudWatchMetrics;
    const targets = [...directive!.Dimensions.flat(), ...directive!.Metrics.map(({ Name }) => Name)];
    expect(targets.sort()).toEqual(Object.keys(members).sort());
    expect(new Set(targets).size).toBe(targets.length);
  });
});
