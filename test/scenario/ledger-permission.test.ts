import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Template } from '../../region/cloudformation/template.ts';
import type { Caller } from '../../region/service.ts';
import { listedPermissions, openSandbox, type Sandbox } from './verbs-setting.ts';

const ROLE = 'arn:aws:iam::123456789012:role/on-call';
const ON_CALL: Caller = { kind: 'role', roleArn: ROLE, sessionName: 'ana' };
const TABLE = 'rollouts-api';

/** The statement that README shows, for the scenarios' service. */
function documentedStatement(): object {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, json = ''] = /<!-- ledger-permission: generated -->\s*```json\n([\s\S]*?)```/.exec(readme) ?? [];
  const text = json.replace('REGION', 'us-east-1').replace('ACCOUNT', '123456789012').replace('SERVICE', 'api');
  return JSON.parse(text) as object;
}

/** Step Functions logs what it tells a task, tokens too, for all that is known; what the functions log is ours. */
const isOurs = (line: string): boolean => !line.includes('"type":"TaskScheduled"');

let sandbox: Sandbox;
let onCall: (...argv: string[]) => ReturnType<Sandbox['rollouts']>;

/** Reads the ledger as the role: an item's attributes, or the error's name. */
async function read(operation: 'GetItem' | 'Query' | 'Scan', more: object): Promise<string[] | string> {
  const Key = { service: { S: 'prod/api' }, entry: { S: 'state' } };
  const query = {
    KeyConditionExpression: 'service = :service AND entry = :entry',
    ExpressionAttributeValues: { ':service': Key.service, ':entry': Key.entry },
  };
  const input = {
    TableName: TABLE,
    ...(operation === 'GetItem' ? { Key } : operation === 'Query' ? query : {}),
    ...more,
  };
  try {
    const answer = await sandbox.world.region.call<{ Item?: object; Items?: object[] }>(
      ON_CALL,
      'dynamodb',
      operation,
      input,
    );
    return Object.keys(answer.Item ?? answer.Items?.[0] ?? {}).sort();
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

beforeEach(async () => {
  sandbox = await openSandbox({}, {}, 2);
  const { region } = sandbox.world;
  const actions = [...new Set([...listedPermissions(() => true), 'sts:GetCallerIdentity'])];
  const beside = actions.filter((action) => !action.startsWith('dynamodb:'));
  const template = {
    Resources: {
      OnCall: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: 'on-call',
          AssumeRolePolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
          Policies: [
            {
              PolicyName: 'verbs',
              PolicyDocument: {
                Version: '2012-10-17',
                Statement: [{ Effect: 'Allow', Action: beside, Resource: '*' }, documentedStatement()],
              },
            },
          ],
        },
      },
    },
  } as unknown as Template;
  await region.deployStack({ name: 'OnCall', template, assets: new Map() });
  const AWS_ACCESS_KEY_ID = region.iam.issueAccessKey(ON_CALL);
  onCall = (...argv) => sandbox.rollouts(argv, { AWS_ACCESS_KEY_ID });
});

describe('whoever has what README lists, and of the ledger what it shows', () => {
  it('runs every verb while a rollout goes on and another one waits, and is shown no token', async () => {
    const { world } = sandbox;
    await world.push();
    await sandbox.until(() => world.rollouts().at(-1)?.path.at(-1) === 'AwaitSteadyState');
    await world.push();
    await sandbox.until(() => world.rollouts().at(-1)?.path.at(-1) === 'AwaitTurn');
    await sandbox.pass(2);
    const { tokens } = (await world.ledgerState()) as unknown as { tokens: Record<string, string> };
    expect(Object.keys(tokens).sort()).toEqual(['turn', 'watch']);

    let printed = '';
    const quick = ['status', 'diff', 'diff --tag live', 'history', 'logs', 'doctor', 'push-instructions', 'open'];
    for (const verb of [...quick, ...quick.map((line) => `${line} --json`), 'watch --json', 'abort', 'release']) {
      const { code, out, err } = await onCall(...verb.split(' '));
      expect(`${verb}: ${err}`).not.toMatch(/not allowed|AccessDenied|authorized|refused/i);
      expect([0, 1]).toContain(code);
      printed += out + err;
    }
    expect(world.region.iam.asked.filter(({ roleArn, isAllowed }) => roleArn === ROLE && !isAllowed)).toEqual([]);
    expect(printed).toContain('AwaitSteadyState');
    for (const text of [
      printed,
      ...world.logLines().filter(isOurs),
      ...world.notifications().map(({ message }) => message),
    ])
      for (const token of Object.values(tokens)) expect(text).not.toContain(token.slice(0, 40));
  });

  it('is denied the tokens, however they are asked for', async () => {
    sandbox.world.excuse('permission', /on-call was refused dynamodb:(GetItem|Query|Scan)/, 'it asks for tokens');
    const names = { '#owner': 'owner' };
    expect(await read('GetItem', { ProjectionExpression: '#owner', ExpressionAttributeNames: names })).toEqual([]);
    const denied = 'AccessDeniedException';
    expect(await read('GetItem', {})).toBe(denied);
    expect(await read('GetItem', { ProjectionExpression: 'tokens' })).toBe(denied);
    expect(await read('GetItem', { ProjectionExpression: 'verified, tokens.watch' })).toBe(denied);
    expect(await read('GetItem', { ProjectionExpression: '#t', ExpressionAttributeNames: { '#t': 'tokens' } })).toBe(
      denied,
    );
    expect(await read('GetItem', { AttributesToGet: ['tokens'] })).toBe(denied);
    expect(await read('Query', {})).toBe(denied);
    expect(await read('Query', { Select: 'ALL_ATTRIBUTES' })).toBe(denied);
    expect(await read('Query', { ProjectionExpression: 'tokens' })).toBe(denied);
    // Nor may their beginnings be guessed.
    const guess = { FilterExpression: 'begins_with(tokens.watch, :entry)', ProjectionExpression: 'pin' };
    expect(await read('Query', guess)).toBe(denied);
    expect(await read('Scan', { ProjectionExpression: 'pin' })).toBe(denied);
    expect(await read('Query', { ProjectionExpression: 'verified' })).toEqual(['verified']);
  });
});
