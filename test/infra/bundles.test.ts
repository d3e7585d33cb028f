import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundleHandlers } from '../../infra/bundles.ts';
import { BUNDLED, constructId, HANDLER_NAMES } from '../../infra/handler-table.ts';
import { cellTemplate, resourcesOf } from './cell-template.ts';
import { standInFunctions } from './temporary.ts';

it('makes one CommonJS file per handler, which runs on this Node', async () => {
  const bundles = await bundleHandlers(standInFunctions('hello'));
  expect([...bundles.keys()].sort()).toEqual([...BUNDLED].sort());
  const { handler } = createRequire(import.meta.url)(join(bundles.get('tick')!, 'index.js')) as {
    handler: () => unknown;
  };
  expect(await handler()).toBe('tick says hello');
});

it('knows every file of functions/', () => {
  const files = readdirSync(join(import.meta.dirname, '../../functions')).filter((name) => name.endsWith('.ts'));
  expect(files.map((name) => name.replace('.ts', '')).sort()).toEqual([...BUNDLED].sort());
});

it('makes the same bytes of the same sources, and keeps them in one place', async () => {
  const [once, again] = [
    await bundleHandlers(standInFunctions('hello')),
    await bundleHandlers(standInFunctions('hello')),
  ];
  expect(again).toEqual(once);
});

it('makes other bytes when a source changes', async () => {
  const [before, after] = [
    await bundleHandlers(standInFunctions('hello')),
    await bundleHandlers(standInFunctions('bye')),
  ];
  expect(after.get('tick')).not.toBe(before.get('tick'));
  expect(bytesOf(after.get('tick')!)).toContain('bye');
  expect(bytesOf(before.get('tick')!)).toContain('hello');
});

it('names the file that cannot be bundled', async () => {
  const directory = standInFunctions('hello');
  writeFileSync(join(directory, 'tick.ts'), 'export const handler = ;');
  await expect(bundleHandlers(directory)).rejects.toThrow('tick.ts');
});

it('bundles the real handlers, SDK included', async () => {
  const bundles = await bundleHandlers();
  for (const handler of BUNDLED) {
    const bytes = bytesOf(bundles.get(handler)!);
    // The SDK asks for this one only where a caller chose its native signer.
    const packages = (bytes.match(/require\("@[^"]*"\)/g) ?? []).filter((call) => !call.includes('signature-v4-crt'));
    expect(packages).toEqual([]);
    expect(bytes.length).toBeGreaterThan(100_000);
  }
});

/** What stands in the bundle of a service's client, by the prefix of the service's IAM actions. */
const CLIENT_MARKS = {
  dynamodb: 'DynamoDB_20120810',
  ecr: 'AmazonEC2ContainerRegistry_V20150921',
  ecs: 'AmazonEC2ContainerServiceV20141113',
  events: 'AWSEvents',
  iam: 'AWSIdentityManagementV20100508',
  sns: 'com.amazonaws.sns',
  ssm: 'AmazonSSM',
  sqs: 'AmazonSQS',
  states: 'AWSStepFunctions',
};

it('bundles the clients of those services that a handler may call, and no other', async () => {
  const bundles = await bundleHandlers();
  const whole = { failedRevisions: 'deregister', notify: { started: true } } as const;
  const cell = cellTemplate({ registry: {}, provision: { port: 8000 }, ...whole });
  const roles = resourcesOf(cell, 'AWS::IAM::Role');
  for (const handler of HANDLER_NAMES) {
    const bytes = bytesOf(bundles.get(handler)!);
    const bundled = Object.entries(CLIENT_MARKS).flatMap(([service, mark]) => (bytes.includes(mark) ? service : []));
    const policies = roles.get(`Handlers${constructId(handler)}Role`)!.Properties.Policies;
    const actions = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
    // Roles are passed with ECS's calls; logs and traces are written by Lambda itself.
    const called = actions
      .map((action) => action.split(':')[0]!)
      .filter((service) => !/^(iam|logs|xray)$/.test(service));
    expect([handler, ...bundled]).toEqual([handler, ...[...new Set(called)].sort()]);
  }
});

function bytesOf(bundle: string): string {
  return readFileSync(join(bundle, 'index.js'), 'utf8');
}
