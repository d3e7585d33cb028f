import { describe, expect, it } from 'vitest';
import { Kernel, type KernelOptions } from '../../../region/kernel/kernel.ts';
import type { Defect } from '../../../region/kernel/defects.ts';
import { later, operation, type Service } from '../../../region/service.ts';
import { asJson, atRest, driven, endpointWith, oneParameter, raw, signedBy } from './endpoint.ts';

const headers = { 'x-amz-target': 'AmazonSSM.GetParameter', ...signedBy('KEY', 'ssm') };
const world = (options: KernelOptions) => endpointWith(() => [oneParameter()], {}, options);

describe('what an operation should never have thrown', () => {
  it('is a 500 that names it, loud in the trace, in a region that contains defects', async () => {
    const { kernel, endpoint, trace } = world({ defects: 'contain' });
    const defects: Defect[] = [];
    kernel.onDefect((defect) => defects.push(defect));
    const answer = await driven(kernel, raw(endpoint.connect, { headers, body: '{"Name":"/defect"}' }));
    expect(answer.status).toBe(500);
    expect(asJson(answer)).toEqual({
      __type: 'InternalFailure',
      message: expect.stringMatching(
        /^Not modelled by the region: RegionDefect: the answer of GetParameter is not what the API answers: /,
      ) as unknown,
    });
    expect(defects).toMatchObject([{ where: '1 ssm:GetParameter', reason: asJson(answer).message }]);
    expect(trace.filter(({ kind }) => kind === 'defect')).toHaveLength(1);
    const next = await driven(kernel, raw(endpoint.connect, { headers, body: '{"Name":"/image"}' }));
    expect(next.status).toBe(200);
  });

  it('ends the run otherwise', async () => {
    const { kernel, endpoint } = world({});
    const answer = driven(kernel, raw(endpoint.connect, { headers, body: '{"Name":"/defect"}' }));
    await expect(answer).rejects.toThrow('the answer of GetParameter is not what the API answers');
  });

  it('is a 500 too when it strikes before the call is parked', async () => {
    const { kernel, endpoint } = world({ defects: 'contain' });
    endpoint.onPark(() => {
      throw new Error('a listener that throws');
    });
    const answer = await driven(kernel, raw(endpoint.connect, { headers, body: '{"Name":"/image"}' }));
    expect([answer.status, asJson(answer).message]).toEqual([
      500,
      'Not modelled by the region: Error: a listener that throws',
    ]);
  });
});

describe('the kernel', () => {
  const failing = (options: KernelOptions): Kernel => {
    const kernel = new Kernel(options);
    kernel.after(1, 'timer', 'a timer', () => {
      throw new Error('struck');
    });
    return kernel;
  };

  it('ends with what an act throws, or drops the act and goes on', async () => {
    await expect(failing({}).runFor(10)).rejects.toThrow('struck');
    const kernel = failing({ defects: 'contain' });
    const defects: Defect[] = [];
    const stop = kernel.onDefect((defect) => defects.push(defect));
    const { now } = kernel;
    await kernel.runFor(10);
    stop();
    expect(defects).toEqual([
      {
        at: now + 1,
        where: 'a timer',
        reason: 'Not modelled by the region: Error: struck',
        error: new Error('struck'),
      },
    ]);
  });

  it('waits no longer for what never settles', async () => {
    const kernel = new Kernel({ defects: 'contain' });
    const reasons: string[] = [];
    kernel.onDefect(({ reason }) => reasons.push(reason));
    kernel.track({ label: 'a function that is stuck', isSettled: () => false });
    await kernel.runFor(10);
    await atRest(kernel);
    expect(reasons).toEqual(['Not modelled by the region: Error: never settled: a function that is stuck']);
  });
});

describe('an answer that comes later', () => {
  const answersLater = (output: object): Service => ({
    ...oneParameter(),
    operations: {
      GetParameter: operation<object, object>({
        permissions: () => [],
        apply: () => later((onEnd) => onEnd(output)),
      }),
    },
  });

  it('is a 500 too when it is not what the API answers', async () => {
    const { kernel, endpoint } = endpointWith(() => [answersLater({ Parameter: 'none' })], {}, { defects: 'contain' });
    const answer = await driven(kernel, raw(endpoint.connect, { headers, body: '{"Name":"/image"}' }));
    expect([answer.status, asJson(answer).__type]).toEqual([500, 'InternalFailure']);
  });
});
