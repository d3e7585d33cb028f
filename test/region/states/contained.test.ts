import { describe, expect, it } from 'vitest';
import type { DefectPolicy } from '../../../region/kernel/defects.ts';
import { createRegion } from '../../../region/region.ts';
import type { States } from '../../../region/states/states.ts';
import { served, type Served } from '../wire/over-loopback.ts';

const ROLE = 'arn:aws:iam::123456789012:role/flow';
const ARN = 'arn:aws:states:us-east-1:123456789012:stateMachine:flow';
const states = 'AWSStepFunctions';

/** A region with one state machine behind loopback. */
async function withMachine(definition: object, defects: DefectPolicy = 'end') {
  const region = createRegion({ defects });
  const trust = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const document = { Version: '2012-10-17', Statement: [trust] };
  const role = { RoleName: 'flow', AssumeRolePolicyDocument: document };
  await region.deployStack({
    name: 'flow',
    template: {
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: role },
        Flow: {
          Type: 'AWS::StepFunctions::StateMachine',
          DependsOn: ['Role'],
          Properties: { StateMachineName: 'flow', RoleArn: ROLE, DefinitionString: JSON.stringify(definition) },
        },
      },
    },
    assets: [],
  } as never);
  return { region, door: await served(region) };
}

const PASS = { QueryLanguage: 'JSONata', StartAt: 'Go', States: { Go: { Type: 'Pass', End: true } } };

const start = (door: Served, more: object) => door.json(`${states}.StartExecution`, { stateMachineArn: ARN, ...more });

describe('an execution', () => {
  it.each([5_000, 100_000])('does not begin with an input that nests %i levels deep', async (depth) => {
    const { door } = await withMachine(PASS);
    const { status, body } = await start(door, { input: '['.repeat(depth) + ']'.repeat(depth) });
    expect([status, body.__type]).toEqual([400, 'InvalidExecutionInput']);
    expect(body.message).toContain('nests more than 1000 levels deep');
    await door.stop();
  });

  it('begins with one of a thousand levels', async () => {
    const { door } = await withMachine(PASS);
    const { status } = await start(door, { input: '['.repeat(1_000) + ']'.repeat(1_000) });
    expect(status).toBe(200);
    await door.stop();
  });

  it('ends alone, past every Retry and Catch, when the region fails in it', async () => {
    const definition = { ...PASS, States: { Go: { Type: 'Wait', Seconds: 1, Next: 'End' }, End: { Type: 'Succeed' } } };
    const { door, region } = await withMachine(definition, 'contain');
    const told: string[] = [];
    region.kernel.onDefect(({ where }) => told.push(where));
    const stop = region.states.onStateEntered(({ state }) => {
      if (state === 'End') throw new Error('a listener that throws');
    });
    const { body } = await start(door, { name: 'struck' });
    await expect
      .poll(async () => (await door.json(`${states}.DescribeExecution`, { executionArn: body['executionArn'] })).body)
      .toMatchObject({
        status: 'FAILED',
        error: 'States.Runtime',
        cause: 'Not modelled by the region: Error: a listener that throws',
      });
    expect(told).toEqual(['states struck enters End']);
    stop();
    await start(door, { name: 'next' });
    await expect
      .poll(() => (region.services.get('states') as States).state, { interval: 20 })
      .toHaveProperty('executions.size', 2);
    await door.stop();
  });
});

it('ListExecutions wants to know of which machine', async () => {
  const { door } = await withMachine(PASS);
  const { status, body } = await door.json(`${states}.ListExecutions`, {});
  expect([status, body]).toEqual([
    400,
    { __type: 'ValidationException', message: 'Either stateMachineArn or mapRunArn must be given.' },
  ]);
  await door.stop();
});

describe('RedriveExecution', () => {
  const FAIL = { ...PASS, States: { Go: { Type: 'Fail', Error: 'E' } } };
  const again = 'AWSStepFunctions.RedriveExecution';

  /** An execution that failed. */
  async function failed() {
    const { door } = await withMachine(FAIL);
    const executionArn = (await start(door, {})).body['executionArn'];
    const described = async () => (await door.json(`${states}.DescribeExecution`, { executionArn })).body;
    await expect.poll(described).toMatchObject({ status: 'FAILED' });
    return { door, executionArn, described };
  }

  it('takes the token that clients fill in, and does once what is asked twice by it', async () => {
    const { door, executionArn, described } = await failed();
    const first = await door.json(again, { executionArn, clientToken: 'a' });
    expect([first.status, first.body]).toEqual([200, { redriveDate: expect.any(Number) as unknown }]);
    expect(await door.json(again, { executionArn, clientToken: 'a' })).toEqual(first);
    await expect.poll(described).toMatchObject({ status: 'FAILED', redriveCount: 1 });
    await door.json(again, { executionArn, clientToken: 'b' });
    await expect.poll(described).toMatchObject({ status: 'FAILED', redriveCount: 2 });
  });

  it('refuses a token that was another call’s', async () => {
    const { door, executionArn } = await failed();
    await door.json(again, { executionArn, clientToken: 'a' });
    const { status, body } = await door.json(again, { executionArn: `${ARN}:other`, clientToken: 'a' });
    expect([status, body.__type]).toEqual([400, 'NotModelled']);
    expect(body.message).toContain('idempotency token');
  });
});
