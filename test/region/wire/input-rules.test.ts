import { ECSClient, ListTasksCommand, type DesiredStatus } from '@aws-sdk/client-ecs';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createRegion } from '../../../region/region.ts';
import type { Caller } from '../../../region/service.ts';
import { CONSTRAINTS, DIFFERENCES } from '../../../region/wire/facts/constraints.ts';
import { ENUMS } from '../../../region/wire/facts/enums.ts';
import { check, compiled, rulesOf, UNMATCHED_PATTERNS, type Violation } from '../../../region/wire/input-rules.ts';
import { operationShape } from '../../../region/wire/sdk-clients.ts';
import type { Shape, StructureShape } from '../../../region/wire/sdk-shapes.ts';
import { clientConfiguration, driven } from './endpoint.ts';

const operator: Caller = { kind: 'operator' };
const length = (relation: string) => `Member must have length ${relation}`;

describe('a request is refused, in the words of its service,', () => {
  const ecsWords = 'desired status should be one of [PENDING,RUNNING,STOPPED]';

  it.each<[what: string, service: string, operation: string, input: object, code: string, message: string]>([
    ['for a misspelt enum', 'ecs', 'ListTasks', { desiredStatus: 'RUNING' }, 'InvalidParameterException', ecsWords],
    [
      'for a misspelt enum within a task definition',
      'ecs',
      'RegisterTaskDefinition',
      { family: 'web', containerDefinitions: [{ dependsOn: [{ containerName: 'a', condition: 'READY' }] }] },
      'ClientException',
      'condition should be one of [COMPLETE,HEALTHY,START,SUCCESS]',
    ],
    [
      'for a misspelt enum within a list',
      'ecs',
      'DescribeServices',
      { services: ['web'], include: ['TAG'] },
      'InvalidParameterException',
      'include should be one of [TAGS]',
    ],
    [
      'for a pattern',
      'ecr',
      'DescribeImages',
      { repositoryName: 'Team/api' },
      'InvalidParameterException',
      `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*''`,
    ],
    [
      'for a length',
      'ecr',
      'DescribeImages',
      { repositoryName: 'a' },
      'InvalidParameterException',
      "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have length greater than or equal to 2'",
    ],
    [
      'for two constraints at once',
      'events',
      'DescribeRule',
      { Name: 'a b', EventBusName: 'a'.repeat(1601) },
      'ValidationException',
      `2 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+; Value '${'a'.repeat(1024)}…' at 'eventBusName' failed to satisfy constraint: ${length('less than or equal to 1600')}`,
    ],
    [
      'for a range, in a call in process',
      'logs',
      'DescribeLogGroups',
      { limit: 51 },
      'InvalidParameterException',
      "1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50",
    ],
    [
      'for a number of items',
      'ssm',
      'GetParameters',
      { Names: [] },
      'ValidationException',
      `1 validation error detected: Value '[]' at 'names' failed to satisfy constraint: ${length('greater than or equal to 1')}`,
    ],
    [
      'for a member of a structure in a list',
      'ssm',
      'DescribeParameters',
      { ParameterFilters: [{ Key: 'Size' }] },
      'ValidationException',
      "1 validation error detected: Value 'Size' at 'parameterFilters.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$",
    ],
    [
      'for an item of a list of texts',
      'ssm',
      'GetParameters',
      { Names: ['/a', ''] },
      'ValidationException',
      `1 validation error detected: Value '[/a, ]' at 'names' failed to satisfy constraint: Member must satisfy constraint: [${length('less than or equal to 2048')}, ${length('greater than or equal to 1')}]`,
    ],
    [
      'for an attribute of queues',
      'sqs',
      'GetQueueAttributes',
      { QueueUrl: 'x', AttributeNames: ['Age'] },
      'InvalidAttributeName',
      'Unknown Attribute [Age].',
    ],
    [
      'for what is missing and what is wrong, together',
      'states',
      'StartExecution',
      { name: 'n'.repeat(81) },
      'ValidationException',
      `2 validation errors detected: Value '${'n'.repeat(81)}' at 'name' failed to satisfy constraint: ${length('less than or equal to 80')}; Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'for a fraction of a task',
      'ecs',
      'UpdateService',
      { service: 'web', desiredCount: 1.5 },
      'SerializationException',
      'UpdateService: desiredCount: expected a whole number, got 1.5',
    ],
  ])('%s', async (_what, service, operation, input, code, message) => {
    await expect(createRegion().call(operator, service, operation, input)).rejects.toMatchObject({ code, message });
  });

  it('but numbers that AWS measures may be fractions', async () => {
    const datum = { MetricName: 'seconds', Value: 1.5, Unit: 'Seconds' };
    const input = { Namespace: 'mine', MetricData: [datum] };
    const region = createRegion();
    await region.call(operator, 'monitoring', 'PutMetricData', input);
    const [StartTime, EndTime] = [-60_000, 60_000].map((ms) => new Date(region.kernel.now + ms));
    const asked = { Namespace: 'mine', MetricName: 'seconds', StartTime, EndTime, Period: 60, Statistics: ['Sum'] };
    const measured = region.call(operator, 'monitoring', 'GetMetricStatistics', asked);
    await expect(measured).resolves.toMatchObject({ Datapoints: [{ Sum: 1.5 }] });
  });

  it('over the wire too, in JSON', async () => {
    const region = createRegion();
    const client = new ECSClient(clientConfiguration(region.connect, 'OPERATOR'));
    const misspelt = new ListTasksCommand({ desiredStatus: 'RUNING' as DesiredStatus });
    await expect(driven(region.kernel, client.send(misspelt))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: ecsWords,
    });
  });

  it('over the wire too, in CBOR, where a number is one', async () => {
    const region = createRegion();
    const client = new CloudWatchClient(clientConfiguration(region.connect, 'OPERATOR'));
    const tooMany = new DescribeAlarmsCommand({ MaxRecords: 101 });
    await expect(driven(region.kernel, client.send(tooMany))).rejects.toMatchObject({
      message: expect.stringContaining(
        "'maxRecords' failed to satisfy constraint: Member must have value less than",
      ) as string,
    });
  });

  it('though nothing is said of what is within its bounds', async () => {
    const region = createRegion();
    await expect(region.call(operator, 'logs', 'DescribeLogGroups', { limit: 50 })).resolves.toMatchObject({
      logGroups: [],
    });
    await expect(region.call(operator, 'ssm', 'GetParameters', { Names: ['/a'] })).resolves.toMatchObject({
      InvalidParameters: ['/a'],
    });
  });
});

describe('a pattern', () => {
  it.each([
    ['[a-z]+', 'abc', true],
    ['[a-z]+', 'abc1', false],
    ['a|b', 'ab', false],
    ['\\p{L}+', 'äö', true],
    ['\\p{Print}+', 'a b', true],
    ['\\p{Print}+', 'ä', false],
    ['([a-z]|\\-)*', 'a-b', true],
  ])('as AWS writes it, %s, matches the whole of %s: %s', (pattern, text, isMatch) => {
    expect(compiled(pattern).test(text)).toBe(isMatch);
  });

  it('is not tried on a text of any length', () => {
    const violations: Violation[] = [];
    check({ pattern: { text: '(a|a)*', expression: /^(a|a)*$/ } }, `${'a'.repeat(5000)}!`, 'name', violations);
    expect(violations).toHaveLength(1);
  });

  it('ends soon on texts that were made to keep it busy', { timeout: 60_000 }, () => {
    const context = vm.createContext({ expression: /a/, text: '' });
    const script = new vm.Script('expression.test(text)');
    const busy = patterns().filter(({ pattern, max }) => {
      const expression = compiled(pattern);
      return ['a', ':', ' ', '/a', 'a-', 'arn:aws:'].some((repeated) => {
        const text = `${repeated.repeat(max)}`.slice(0, max - 1) + '\u0000';
        Object.assign(context, { expression, text });
        try {
          script.runInContext(context, { timeout: 1000 });
          return false;
        } catch {
          return true;
        }
      });
    });
    expect(busy.map(({ name }) => name).filter((name) => !UNMATCHED_PATTERNS.has(name))).toEqual([]);
  });

  function patterns(): { name: string; pattern: string; max: number }[] {
    return Object.entries(CONSTRAINTS).flatMap(([service, { shapes }]) =>
      Object.entries(shapes).flatMap(([shape, { pattern, max = 4096 }]) =>
        pattern === undefined || UNMATCHED_PATTERNS.has(`${service}:${shape}`)
          ? []
          : [{ name: `${service}:${shape}`, pattern, max: Math.min(max, 4096) }],
      ),
    );
  }
});

describe('what stays unchecked', () => {
  it('is a type of one structure that only botocore calls an enum', () => {
    expect(DIFFERENCES).toEqual(['iam:PolicyIdentifier.PolicyType']);
  });

  it('are a few ambiguous patterns, and no operation of the region has one', () => {
    expect([...UNMATCHED_PATTERNS].sort()).toMatchInlineSnapshot(`
      [
        "dynamodb:S3Bucket",
        "ecr:ScanningRepositoryFilterValue",
        "ecr:SigningRepositoryFilterValue",
        "events:AuthHeaderParameters",
        "events:AuthHeaderParametersSensitive",
        "events:HeaderValue",
        "events:HeaderValueSensitive",
      ]
    `);
    const region = createRegion();
    const used = [...region.services.values()].flatMap(({ id, operations }) =>
      Object.keys(operations).flatMap((name) => constrainedShapes(id, operationShape(id, name)!.input)),
    );
    expect(used.length).toBeGreaterThan(150);
    expect(used.filter((name) => UNMATCHED_PATTERNS.has(name))).toEqual([]);
  });

  it('is no member that a table names: the SDK has every one, where requests reach it', () => {
    const missing = Object.keys(CLIENTS).flatMap((service) => {
      const { inputs, all } = structuresOf(service);
      return [
        ...unknownMembers(service, CONSTRAINTS[service]?.members ?? {}, inputs),
        ...unknownMembers(service, ENUMS[service] ?? {}, all),
      ];
    });
    expect(missing).toEqual([]);
  });

  it('is no enum of a table: the client exports it', () => {
    for (const [service, structures] of Object.entries(ENUMS))
      for (const structure of Object.keys(structures)) expect(() => rulesOf(service, structure)).not.toThrow();
  });
});

const require = createRequire(import.meta.url);

/** The SDK's clients by signing name. */
const CLIENTS: Readonly<Record<string, string>> = {
  cloudformation: 'cloudformation',
  dynamodb: 'dynamodb',
  ecr: 'ecr',
  ecs: 'ecs',
  events: 'eventbridge',
  iam: 'iam',
  lambda: 'lambda',
  logs: 'cloudwatch-logs',
  monitoring: 'cloudwatch',
  secretsmanager: 'secrets-manager',
  sns: 'sns',
  sqs: 'sqs',
  ssm: 'ssm',
  states: 'sfn',
  sts: 'sts',
};

type Structures = Map<string, StructureShape>;

/** The structures of all operations of a service. */
function structuresOf(service: string): { readonly inputs: Structures; readonly all: Structures } {
  const inputs: Structures = new Map();
  const all: Structures = new Map();
  const client = require(`@aws-sdk/client-${CLIENTS[service]}`) as object;
  for (const name of Object.keys(client).filter((each) => each.endsWith('$'))) {
    const operation = operationShape(service, name.slice(0, -1));
    if (operation === undefined) continue;
    visit(operation.input, inputs);
    visit(operation.input, all);
    visit(operation.output, all);
  }
  return { inputs, all };
}

function visit(shape: Shape, seen: Structures): void {
  if (shape.kind === 'list') return visit(shape.item.shape, seen);
  if (shape.kind === 'map') return visit(shape.value.shape, seen);
  if (shape.kind !== 'structure' || seen.has(shape.name)) return;
  seen.set(shape.name, shape);
  for (const member of shape.members.values()) visit(member.shape, seen);
}

function unknownMembers(
  service: string,
  table: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  structures: Structures,
): string[] {
  return Object.entries(table).flatMap(([structure, members]) =>
    Object.keys(members)
      .filter((member) => structures.get(structure)?.members.has(member) !== true)
      .map((member) => `${service}:${structure}.${member}`),
  );
}

/** The constrained shapes of an input, `service:Shape`. */
function constrainedShapes(service: string, input: Shape): string[] {
  const seen: Structures = new Map();
  visit(input, seen);
  const members = CONSTRAINTS[service]?.members ?? {};
  return [...seen.keys()].flatMap((name) => Object.values(members[name] ?? {}).map((shape) => `${service}:${shape}`));
}
