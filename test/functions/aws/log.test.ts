import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logger, step } from '../../../functions/aws/log.ts';
import { handler as registerRevision } from '../../../functions/register-revision.ts';
import { handler as rollService } from '../../../functions/roll-service.ts';
import { handler as watchRollout } from '../../../functions/watch-rollout.ts';
import { deployment, digest, execution, config, ledger, mutating, owner, revision } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';
import { useWire, type Wire } from './wire.ts';
import { repositoryElsewhere } from '../../elsewhere.ts';

const CANARY = 'canary-4f1c9d';
const TASK_DEFINITION = {
  taskDefinitionArn: revision(1),
  family: 'web',
  containerDefinitions: [{ name: 'app', image: 'old', environment: [{ name: 'KEY', value: CANARY }] }],
};
const INPUT = {
  config: config(),
  rolloutId: 'r1',
  executionArn: execution('r1'),
  decision: { image: { digest: digest('b') } },
  base: revision(1),
};

useEnvironment();
const wire = useWire();
let written = '';

beforeEach(() => {
  written = '';
  const keep = (text: string | Uint8Array): boolean => ((written += String(text)), true);
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => vi.restoreAllMocks());

const logged = (): Record<string, unknown>[] =>
  written
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const CONTEXT = { rolloutId: 'r1', rolloutService: 'default/web', digest: digest('b'), state: 'RegisterRevision' };

describe('every line of a step', () => {
  it('carries rollout, service, digest and state', async () => {
    const run = step(
      'RegisterRevision',
      () => ({ rolloutId: 'r1', digest: digest('b') }),
      async () => {
        logger.info('in between');
        return { word: 'rolled', reason: 'Updated', message: 'done' };
      },
    );
    await run({});
    expect(logged()).toHaveLength(2);
    for (const line of logged()) expect(line).toMatchObject(CONTEXT);
  });

  it('carries them when the step fails, with the error in the words of the state machine', async () => {
    const fault = Object.assign(new Error('Rate exceeded'), {
      name: 'ThrottlingException',
      $fault: 'client',
      $metadata: {},
    });
    const run = step(
      'RegisterRevision',
      () => ({ rolloutId: 'r1', digest: digest('b') }),
      () => Promise.reject(fault),
    );
    await expect(run({})).rejects.toMatchObject({ name: 'AwsUnavailable' });
    expect(logged()).toMatchObject([{ ...CONTEXT, level: 'ERROR', errorName: 'AwsUnavailable', isRefusal: false }]);
  });

  it.each([
    ['AwsUnavailable', true],
    ['AwsRefused', true],
    ['TypeError', true],
    ['AwsThrottled', false],
    ['LedgerContended', false],
    ['StillMutating', false],
    ['ImagesNotListed', false],
  ])('and %s counts as an error of a function: %s', async (name, isCounted) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const run = step(
      'Tick',
      () => ({ rolloutId: 'none' }),
      () => Promise.reject(Object.assign(new Error('x'), { name })),
    );
    await expect(run({})).rejects.toMatchObject({ name });
    const metrics = log.mock.calls.map(([line]) => JSON.parse(String(line)) as object);
    expect(metrics).toEqual(isCounted ? [expect.objectContaining({ FunctionErrors: 1, Service: 'default/web' })] : []);
  });

  it('carries the digest that the step chose, where it was not known before', async () => {
    const decision = { word: 'roll', reason: 'Selected', message: 'x', image: { digest: digest('b') } };
    await step(
      'AcceptIntent',
      () => ({ rolloutId: 'r1' }),
      () => Promise.resolve(decision),
    )({});
    expect(logged()).toMatchObject([{ ...CONTEXT, state: 'AcceptIntent' }]);
  });

  it('carries nothing of the step before it in the same instance', async () => {
    const done = { word: 'x', reason: 'x', message: 'x' };
    await step(
      'AcceptIntent',
      () => ({ rolloutId: 'r0', digest: digest('a') }),
      () => Promise.resolve(done),
    )({});
    written = '';
    await step(
      'AwaitTurn',
      () => ({ rolloutId: 'r1' }),
      () => Promise.resolve(done),
    )({});
    expect(logged()).toMatchObject([{ rolloutId: 'r1', state: 'AwaitTurn' }]);
    expect(written).not.toContain(digest('a'));
  });

  describe('that learns its digest from the ledger', () => {
    const roll = { config: config(), rolloutId: 'r1', state: 'RollService', taskDefinition: revision(2) } as const;
    const watched = { deploymentId: deployment(2), token: 'token-1', since: 0, deadline: 0, waitSeconds: 1 };
    const wait = { ...roll, ...watched, state: 'AwaitSteadyState', kind: 'steady' } as const;
    beforeEach(() => {
      const phase = mutating(Date.now());
      const state = marshall(ledger({ owner: owner({ phase }) }), { removeUndefinedValues: true });
      wire.answers['GetItem'] = [{ text: JSON.stringify({ Item: state }) }];
      wire.answers['PutEvents'] = [{ text: '{}' }];
      wire.answers['PutItem'] = [{ status: 400, text: '{"__type":"ConditionalCheckFailedException"}' }];
    });

    it.each([
      ['StillMutating', () => rollService(roll)],
      ['LedgerContended', () => watchRollout(wait)],
    ])('carries it although the step ends with %s', async (name, run) => {
      await expect(run()).rejects.toMatchObject({ name });
      expect(logged()).toMatchObject([{ rolloutId: 'r1', digest: digest('b'), errorName: name }]);
    });

    it('carries none when the service is owned by another rollout', async () => {
      expect(await rollService({ ...roll, rolloutId: 'r2' })).toMatchObject({ word: 'lost' });
      expect(logged()).toMatchObject([{ rolloutId: 'r2', verdict: { word: 'lost' } }]);
      expect(written).not.toContain(digest('b'));
    });
  });

  it('says the words of a verdict and nothing else of the result', async () => {
    const result = {
      word: 'wait',
      reason: 'r',
      message: 'm',
      outcome: 'HELD',
      token: CANARY,
      taskDefinition: { CANARY },
    };
    await step(
      'Bake',
      () => ({ rolloutId: 'r1' }),
      () => Promise.resolve(result),
    )({});
    expect(logged()[0]?.['verdict']).toEqual({ word: 'wait', reason: 'r', message: 'm', outcome: 'HELD' });
    expect(written).not.toContain(CANARY);
  });

  it('takes the name of a state from the input where one handler serves several', async () => {
    const run = step(
      ({ state }: { state: string }) => state,
      () => ({ rolloutId: 'r1' }),
      () => Promise.resolve({}),
    );
    await run({ state: 'RollBack' });
    expect(logged()[0]).toMatchObject({ state: 'RollBack' });
  });
});

describe('an environment value of the task definition', () => {
  const described = { text: JSON.stringify({ taskDefinition: TASK_DEFINITION, tags: [{ key: 'k', value: CANARY }] }) };
  const none = { text: '{"taskDefinitionArns":[]}' };

  it('is sent to ECS and never logged when all goes well', async () => {
    const stored = { ...TASK_DEFINITION, taskDefinitionArn: revision(2) };
    const [container] = TASK_DEFINITION.containerDefinitions;
    const image = `${repositoryElsewhere('team/web')}@${digest('b')}`;
    const taskDefinition = { ...stored, containerDefinitions: [{ ...container, image }] };
    wire.answers = { GetItem: [none], ListTaskDefinitions: [none], DescribeTaskDefinition: [described] };
    wire.answers['RegisterTaskDefinition'] = [{ text: JSON.stringify({ taskDefinition }) }];
    expect(await registerRevision(INPUT)).toEqual({ taskDefinition: revision(2) });
    expect(wire.requests.at(-1)?.text).toContain(CANARY);
    expect(logged()).toHaveLength(1);
    expect(written).not.toContain(CANARY);
  });

  it.each<[string, Wire['answers'], RegExp]>([
    [
      'ECS stored another one',
      {
        RegisterTaskDefinition: [
          { text: JSON.stringify({ taskDefinition: { family: 'web', containerDefinitions: [] } }) },
        ],
      },
      /without containerDefinitions/,
    ],
    [
      'ECS refuses the revision',
      { RegisterTaskDefinition: [{ status: 400, text: '{"__type":"ClientException","message":"No."}' }] },
      /ClientException: No\./,
    ],
    [
      'the answer of ECS is broken',
      { DescribeTaskDefinition: [{ text: JSON.stringify({ taskDefinition: TASK_DEFINITION }).slice(0, -40) }] },
      /./,
    ],
    [
      'the answer of ECS ends inside the value',
      { DescribeTaskDefinition: [{ text: `{"taskDefinition": {"family": ${CANARY}` }] },
      /./,
    ],
  ])('is not told in log or error when %s', async (_case, answers, message) => {
    wire.answers = { GetItem: [none], ListTaskDefinitions: [none], DescribeTaskDefinition: [described], ...answers };
    const error = await registerRevision(INPUT).then(
      () => new Error('it went well'),
      (thrown: unknown) => thrown as Error,
    );
    expect(error.message).toMatch(message);
    expect(error.message).not.toBe('it went well');
    // Not even a part of it, as V8 would quote it.
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('canary');
    expect(logged()).not.toEqual([]);
    expect(written).not.toContain('canary');
  });
});
