import { describe, expect, expectTypeOf, it } from 'vitest';
import type { EcsReader, EcsWriter } from '../../../functions/aws/client-kinds.ts';
import { ecs, ecsOnce } from '../../../functions/aws/clients.ts';
import { describeService, updateService } from '../../../functions/aws/service.ts';
import { deployment, revision } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';
import { useWire, type Wire } from './wire.ts';

const NAME = { cluster: 'default', serviceName: 'web', desiredCount: 5, containers: ['app'] };
const answered = (...deployments: object[]): { text: string } => ({
  text: JSON.stringify({ service: { deployments } }),
});

useEnvironment();
const wire = useWire();

describe('UpdateService', () => {
  it('carries cluster, service and task definition, and nothing else', async () => {
    wire.answers['UpdateService'] = [answered({ id: deployment(2), status: 'PRIMARY', taskDefinition: revision(2) })];
    await updateService(ecsOnce, NAME, revision(2));
    expect(JSON.parse(wire.requests[0]!.text)).toEqual({
      cluster: 'default',
      service: 'web',
      taskDefinition: revision(2),
    });
  });

  it('takes no client that sends again, nor does a read take one that sends once', () => {
    expectTypeOf(ecs).not.toExtend<EcsWriter>();
    expectTypeOf(ecsOnce).not.toExtend<EcsReader>();
    expectTypeOf(updateService).parameter(0).toEqualTypeOf<EcsWriter>();
    expectTypeOf(describeService).parameter(0).toEqualTypeOf<EcsReader>();
  });

  it('carries a count only when it is given one, be it zero', async () => {
    const own = answered({ id: deployment(2), status: 'PRIMARY', taskDefinition: revision(2) });
    wire.answers['UpdateService'] = [own];
    await updateService(ecsOnce, NAME, revision(2), 0);
    expect(JSON.parse(wire.requests[0]!.text)).toEqual({
      cluster: 'default',
      service: 'web',
      taskDefinition: revision(2),
      desiredCount: 0,
    });
  });

  it('answers the deployment that our update created', async () => {
    const old = { id: deployment(1), status: 'ACTIVE', taskDefinition: revision(1) };
    wire.answers['UpdateService'] = [
      answered(old, { id: deployment(2), status: 'PRIMARY', taskDefinition: revision(2) }),
    ];
    expect(await updateService(ecsOnce, NAME, revision(2))).toBe(deployment(2));
  });

  it.each<[string, object[]]>([
    ['another revision is PRIMARY', [{ id: deployment(9), status: 'PRIMARY', taskDefinition: revision(9) }]],
    ['nothing is PRIMARY', [{ id: deployment(2), status: 'ACTIVE', taskDefinition: revision(2) }]],
    ['nothing is deployed', []],
  ])('answers no deployment when %s', async (_case, deployments) => {
    wire.answers['UpdateService'] = [answered(...deployments)];
    expect(await updateService(ecsOnce, NAME, revision(2))).toBeUndefined();
  });

  it.each<[string, Wire['answers'][string][number]]>([
    ['a failure of ECS', { status: 500, text: '{"__type":"ServerException","message":"x"}' }],
    ['a gateway time-out', { status: 504, text: '' }],
    ['a throttle', { status: 400, text: '{"__type":"ThrottlingException","message":"Rate exceeded"}' }],
    ['a broken connection', 'hang-up'],
  ])('is sent once, whether or not it took effect, on %s', async (_case, answer) => {
    wire.answers['UpdateService'] = [answer];
    await expect(updateService(ecsOnce, NAME, revision(2))).rejects.toThrow();
    expect(wire.requests).toHaveLength(1);
  });
});
