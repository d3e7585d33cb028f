import { describe, expect, it } from 'vitest';
import { Fault } from '../../../region/service.ts';
import { checkedInput, checkedOutput, RegionDefect } from '../../../region/wire/protocol.ts';
import { AS_IS, walk } from '../../../region/wire/schema-walk.ts';
import { decodeCbor, encodeCbor } from '../../../region/wire/cbor.ts';
import { errorShape, operationShape } from '../../../region/wire/sdk-clients.ts';
import { readShape, type Shape, type StructureShape } from '../../../region/wire/sdk-shapes.ts';

const NONE: ReadonlySet<string> = new Set();

function structure(shape: Shape | undefined): StructureShape {
  if (shape?.kind !== 'structure') throw new Error(`not a structure: ${shape?.kind}`);
  return shape;
}

function member(shape: Shape | undefined, ...path: string[]): Shape | undefined {
  return path.reduce<Shape | undefined>((at, name) => {
    if (at?.kind === 'list' && name === '[]') return at.item.shape;
    if (at?.kind === 'map' && name === '{}') return at.value.shape;
    return structure(at).members.get(name)?.shape;
  }, shape);
}

describe('the layout of the SDK’s schemas is the one that the region reads', () => {
  const register = operationShape('ecs', 'RegisterTaskDefinition');

  it('for operations, structures and required members', () => {
    expect(register?.name).toBe('RegisterTaskDefinition');
    expect(structure(register?.input).name).toBe('RegisterTaskDefinitionRequest');
    expect(structure(register?.input).required).toEqual(['family', 'containerDefinitions']);
    expect(structure(operationShape('ecs', 'UpdateService')?.input).required).toEqual(['service']);
  });

  it.each([
    ['text', ['family'], 'string'],
    ['a list of structures', ['containerDefinitions', '[]', 'name'], 'string'],
    ['a number', ['containerDefinitions', '[]', 'memoryReservation'], 'number'],
    ['a truth value', ['containerDefinitions', '[]', 'essential'], 'boolean'],
    ['a list of texts', ['containerDefinitions', '[]', 'command', '[]'], 'string'],
    ['a map of texts', ['containerDefinitions', '[]', 'dockerLabels', '{}'], 'string'],
    ['a map of texts behind a name', ['containerDefinitions', '[]', 'logConfiguration', 'options', '{}'], 'string'],
  ])('for %s', (_case, path, kind) => {
    expect(member(register?.input, ...path)?.kind).toBe(kind);
  });

  it('for timestamps, blobs, unions, recursion and unit', () => {
    expect(member(register?.output, 'taskDefinition', 'registeredAt')).toEqual({
      kind: 'timestamp',
      format: undefined,
    });
    expect(member(operationShape('ecr', 'UploadLayerPart')?.input, 'layerPartBlob')?.kind).toBe('blob');
    const attribute = member(operationShape('dynamodb', 'PutItem')?.input, 'Item', '{}');
    expect(structure(attribute).isUnion).toBe(true);
    expect(member(attribute, 'M', '{}')).toBe(attribute);
    expect(operationShape('sqs', 'DeleteQueue')?.output).toEqual({ kind: 'unit' });
  });

  it('for sparse maps and for the older names of errors', () => {
    expect(errorShape('sns', 'NotFoundException')).toEqual({ queryCode: 'NotFound', queryStatus: 404 });
    expect(errorShape('sns', 'NoSuchError')).toBeUndefined();
    expect(readShape([2, 'n', 'SparseMap', { sparse: 1 }, 0, 0])).toMatchObject({ kind: 'map', isSparse: true });
  });

  it('and anything else is reported', () => {
    expect(() => readShape([8, 'n', 'Novelty', 0])).toThrow('cannot read');
    expect(() => readShape(33)).toThrow('cannot read');
  });

  it('for an operation of every client that the region knows', () => {
    const seen = new Set<Shape>();
    const visit = (shape: Shape): void => {
      if (seen.has(shape)) return;
      seen.add(shape);
      if (shape.kind === 'structure') for (const inner of shape.members.values()) visit(inner.shape);
      if (shape.kind === 'list') visit(shape.item.shape);
      if (shape.kind === 'map') visit(shape.value.shape);
    };
    for (const [service, operation] of [
      ['ecs', 'DescribeServices'],
      ['ecr', 'DescribeImages'],
      ['states', 'GetExecutionHistory'],
      ['dynamodb', 'Query'],
      ['events', 'PutRule'],
      ['logs', 'GetLogEvents'],
      ['monitoring', 'DescribeAlarms'],
      ['ssm', 'GetParameter'],
      ['secretsmanager', 'DescribeSecret'],
      ['sns', 'Publish'],
      ['sqs', 'ReceiveMessage'],
      ['sts', 'GetCallerIdentity'],
      ['lambda', 'Invoke'],
    ] as const) {
      const shape = operationShape(service, operation);
      if (shape === undefined) throw new Error(`${service}:${operation} is not in its client`);
      visit(shape.input);
      visit(shape.output);
    }
    expect(seen.size).toBeGreaterThan(200);
  });
});

describe('a request', () => {
  const check = (input: object, futureFields = NONE) =>
    checkedInput(operationShape('ecs', 'RegisterTaskDefinition')!, input, AS_IS, futureFields);
  const container = { name: 'web', image: 'web:1' };

  it('passes when every member is known and of its type', () => {
    const input = {
      family: 'web',
      containerDefinitions: [{ ...container, cpu: 256, command: ['serve'], dockerLabels: { a: 'b' } }],
    };
    expect(check(input)).toEqual(input);
  });

  it.each([
    [
      'an unknown member',
      { ...container, imagePullPolicy: 'Always' },
      'containerDefinitions[0].imagePullPolicy: ContainerDefinition has no such member',
    ],
    ['text for a number', { ...container, cpu: '256' }, 'containerDefinitions[0].cpu: expected a number, got "256"'],
    ['a number for text', { ...container, name: 1 }, 'containerDefinitions[0].name: expected a string, got 1'],
    [
      'text for a list',
      { ...container, command: 'serve' },
      'containerDefinitions[0].command: expected a list, got "serve"',
    ],
    [
      'a list for a map',
      { ...container, dockerLabels: ['a'] },
      'containerDefinitions[0].dockerLabels: expected a map, got ["a"]',
    ],
    [
      'null within a list',
      { ...container, command: [null] },
      'containerDefinitions[0].command[0]: expected a string, got null',
    ],
  ])('with %s is refused with its path', (_case, definition, problem) => {
    const expected = new Fault('SerializationException', `RegisterTaskDefinition: ${problem}`);
    expect(() => check({ family: 'web', containerDefinitions: [definition] })).toThrow(expected);
  });

  it('without a required member is refused in AWS’s words', () => {
    const problem =
      "1 validation error detected: Value null at 'family' failed to satisfy constraint: Member must not be null";
    expect(() => check({ containerDefinitions: [container] })).toThrow(new Fault('ClientException', problem));
  });

  it('may say null for a member that it does not set', () => {
    expect(check({ family: 'web', containerDefinitions: [{ ...container, cpu: null }] })).toEqual({
      family: 'web',
      containerDefinitions: [container],
    });
  });

  it('keeps null within a list or map that may hold it, and refuses it, never drops it, within any other', () => {
    const passage = { leaves: AS_IS, isNullAbsent: true, futureFields: new Set(['next']) };
    const sparseList = readShape([1, 'n', 'SparseList', { sparse: 1 }, 0]);
    const sparseMap = readShape([2, 'n', 'SparseMap', { sparse: 1 }, 0, 0]);
    const list = readShape([1, 'n', 'List', 0, 0]);
    expect(walk(sparseList, ['a', null, 'b'], '', passage)).toEqual(['a', null, 'b']);
    expect(walk(sparseMap, { a: null, b: 'b' }, '', passage)).toEqual({ a: null, b: 'b' });
    expect(() => walk(list, ['a', null], 'names', passage)).toThrow('names[1]: expected a string, got null');
    const next = ['a', null, { b: [null] }];
    expect(check({ family: 'web', containerDefinitions: [container], next }, passage.futureFields)).toMatchObject({
      next,
    });
    expect(decodeCbor(encodeCbor({ next }))).toEqual({ next });
  });

  it('keeps members of the future unchanged, wherever they stand, when they are declared', () => {
    const input = {
      family: 'web',
      containerDefinitions: [{ ...container, imagePullPolicy: { mode: 'Always', at: 1 } }],
    };
    expect(check(input, new Set(['imagePullPolicy']))).toEqual(input);
  });

  it('with two members of a union at once is refused', () => {
    const shape = operationShape('dynamodb', 'PutItem')!;
    const input = { TableName: 'ledger', Item: { key: { S: 'a', N: '1' } } };
    expect(() => checkedInput(shape, input, AS_IS, NONE)).toThrow('Item.key: AttributeValue is a union');
  });
});

describe('an answer of the region', () => {
  const check = (output: object, futureFields = NONE) =>
    checkedOutput(operationShape('ecs', 'DescribeServices')!, output, AS_IS, futureFields);

  it.each([
    ['an invented member', { services: [{ isSteady: true }] }, 'services[0].isSteady: Service has no such member'],
    [
      'a timestamp that is a number',
      { services: [{ createdAt: 1 }] },
      'services[0].createdAt: expected a timestamp, got 1',
    ],
    [
      'a timestamp that is no time',
      { services: [{ createdAt: new Date('x') }] },
      'services[0].createdAt: expected a timestamp, got null',
    ],
    ['null', { services: [{ serviceName: null }] }, 'services[0].serviceName: expected a string, got null'],
    ['an infinite number', { services: [{ desiredCount: Infinity }] }, 'services[0].desiredCount: expected a number'],
  ])('with %s is a defect, named with its path', (_case, output, problem) => {
    const wording = `the answer of DescribeServices is not what the API answers: ${problem}`;
    expect(() => check(output)).toThrow(RegionDefect);
    expect(() => check(output)).toThrow(wording);
  });

  it('leaves out members that are undefined and keeps declared members of the future', () => {
    const output = { services: [{ serviceName: 'web', roleArn: undefined, mood: 'calm' }] };
    expect(check(output, new Set(['mood']))).toEqual({ services: [{ serviceName: 'web', mood: 'calm' }] });
  });

  it('is a copy, so that later changes in the region do not change what was answered', () => {
    const service = { serviceName: 'web', desiredCount: 1 };
    const answer = check({ services: [service] });
    service.desiredCount = 2;
    expect(answer).toEqual({ services: [{ serviceName: 'web', desiredCount: 1 }] });
  });
});
