import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ecs as reader, ecsOnce } from '../../../functions/aws/clients.ts';
import * as ecs from '../../../functions/aws/task-definitions.ts';
import { nextRevision, type RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';
import { useEnvironment } from './environment.ts';
import { useWire, type Wire } from './wire.ts';

const ALL = JSON.parse(readFileSync('test/fixtures/all-members-task-definition.json', 'utf8')) as RawTaskDefinition;
const ARN = String(ALL['taskDefinitionArn']);
const TAGS = [{ key: 'team', value: 'web' }];

useEnvironment();
const wire = useWire();

describe('describing a task definition', () => {
  it('loses no member on the way, whatever the SDK knows', async () => {
    wire.answers['DescribeTaskDefinition'] = [{ text: JSON.stringify({ taskDefinition: ALL, tags: TAGS }) }];
    const description = await ecs.describeRaw(reader, ARN);
    expect(JSON.stringify(description?.taskDefinition)).toBe(JSON.stringify(ALL));
    expect(description?.tags).toEqual(TAGS);
    expect(JSON.parse(wire.requests[0]!.text)).toEqual({ taskDefinition: ARN, include: ['TAGS'] });
  });

  it('takes absent tags for none', async () => {
    wire.answers['DescribeTaskDefinition'] = [{ text: JSON.stringify({ taskDefinition: ALL }) }];
    expect((await ecs.describeRaw(reader, ARN))?.tags).toEqual([]);
  });

  it('is read from the answer that came, not from the failure before it', async () => {
    wire.answers['DescribeTaskDefinition'] = [
      { status: 500, text: '{"__type":"ServerException","message":"try again"}' },
      { text: JSON.stringify({ taskDefinition: ALL }) },
    ];
    expect((await ecs.describeRaw(reader, ARN))?.taskDefinition['family']).toBe('web');
    expect(wire.requests).toHaveLength(2);
  });

  it('answers nothing when ECS has no such revision, and passes every other refusal on', async () => {
    const fault = (message: string): { status: number; text: string } => ({
      status: 400,
      text: JSON.stringify({ __type: 'ClientException', message }),
    });
    wire.answers['DescribeTaskDefinition'] = [fault('Unable to describe task definition.')];
    expect(await ecs.describeRaw(reader, ARN)).toBeUndefined();
    wire.answers['DescribeTaskDefinition'] = [fault('Something else.')];
    await expect(ecs.describeRaw(reader, ARN)).rejects.toMatchObject({ name: 'ClientException' });
  });
});

describe('registering a task definition', () => {
  const revision = nextRevision(ALL, TAGS, { containers: ['app'], image: 'r@sha256:00', rolloutId: 'r1' });
  const stored = JSON.stringify({
    taskDefinition: { ...revision, revision: 42, futureMember: 'of the answer' },
    tags: TAGS,
  });

  it('sends it byte for byte, with its own length and a signature, and answers what ECS stored', async () => {
    wire.answers['RegisterTaskDefinition'] = [{ text: stored }];
    const registered = await ecs.registerRaw(ecsOnce, revision);
    const [request] = wire.requests;
    expect(request!.text).toBe(JSON.stringify(revision));
    expect(request!.headers['content-length']).toBe(String(Buffer.byteLength(JSON.stringify(revision))));
    expect(request!.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/);
    expect(registered.taskDefinition).toEqual({ ...revision, revision: 42, futureMember: 'of the answer' });
  });

  it.each<[string, Wire['answers'][string][number]]>([
    ['a failure of ECS', { status: 500, text: '{"__type":"ServerException","message":"x"}' }],
    ['an unavailable ECS', { status: 503, text: '<html>' }],
    ['a throttle', { status: 400, text: '{"__type":"ThrottlingException","message":"Rate exceeded"}' }],
    ['a broken connection', 'hang-up'],
  ])('is sent once, whether or not it took effect, on %s', async (_case, answer) => {
    wire.answers['RegisterTaskDefinition'] = [answer];
    await expect(ecs.registerRaw(ecsOnce, revision)).rejects.toThrow();
    expect(wire.requests).toHaveLength(1);
  });
});

it('lists the newest ACTIVE revisions of exactly what it is asked for, newest first whatever the order of the answer', async () => {
  const numbered = (number: number): string => ARN.replace(/\d+$/, String(number));
  const taskDefinitionArns = [9, 10, 100, 11].map(numbered);
  wire.answers['ListTaskDefinitions'] = [{ text: JSON.stringify({ taskDefinitionArns }) }];
  expect(await ecs.listNewestRevisions(reader, 'web')).toEqual([100, 11, 10, 9].map(numbered));
  expect(JSON.parse(wire.requests[0]!.text)).toEqual({
    familyPrefix: 'web',
    status: 'ACTIVE',
    sort: 'DESC',
    maxResults: 10,
  });
});
