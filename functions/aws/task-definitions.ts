import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { asTaskDefinitionArn, type TaskDefinitionArn } from '../rollout/identifiers.ts';
import { AwsRefused } from '../rollout/errors.ts';
import { lostMembers, type RawTag, type RawTaskDefinition } from '../rollout/next-revision.ts';
import type { EcsReader, EcsWriter } from './client-kinds.ts';
import { isFault } from './faults.ts';

/** A task definition exactly as it went over the wire, with its tags. */
export interface RawDescription {
  readonly taskDefinition: RawTaskDefinition;
  readonly tags: readonly RawTag[];
}

/** Describes a revision without loss: the SDK's own answer drops members that it does not know. */
export async function describeRaw(client: EcsReader, taskDefinition: string): Promise<RawDescription | undefined> {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] });
  const body = captureBody(command);
  try {
    await client.send(command);
  } catch (error) {
    if (isFault(error, 'ClientException') && /unable to describe/i.test((error as Error).message)) return undefined;
    throw error;
  }
  return parseDescription(body.text());
}

/** Registers a revision without loss and answers it as ECS stored it. */
export async function registerRaw(client: EcsWriter, revision: RawTaskDefinition): Promise<RawDescription> {
  // The typed input only satisfies the SDK; the body that is sent is the raw revision.
  const { family, containerDefinitions } = revision as unknown as RegisterTaskDefinitionCommandInput;
  const command = new RegisterTaskDefinitionCommand({ family, containerDefinitions });
  replaceBody(command, JSON.stringify(revision));
  const body = captureBody(command);
  await client.send(command);
  return parseDescription(body.text());
}

/** Registers a revision and answers its ARN; one of which ECS stored less than it was given is a refusal. */
export async function registerWhole(client: EcsWriter, revision: RawTaskDefinition): Promise<TaskDefinitionArn> {
  const registered = await registerRaw(client, revision);
  const lost = lostMembers(revision, registered.taskDefinition);
  // Member names only: their values may be secrets.
  if (lost.length > 0)
    throw new AwsRefused(`ECS stored the new revision without ${lost.join(', ')}; the service was not touched.`);
  return asTaskDefinitionArn(String(registered.taskDefinition['taskDefinitionArn']));
}

/** Makes a revision INACTIVE: tasks that run go on, and nobody starts another one with it. */
export async function deregister(client: EcsReader, taskDefinition: TaskDefinitionArn): Promise<void> {
  await client.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
}

/** Revisions that are searched for an earlier attempt's; more than ever pile up within one rollout. */
const SEARCHED_REVISIONS = 10;

/** ARNs of the family's newest ACTIVE revisions, newest first, however ECS sorts them. */
export async function listNewestRevisions(client: EcsReader, family: string): Promise<TaskDefinitionArn[]> {
  const { taskDefinitionArns = [] } = await client.send(
    new ListTaskDefinitionsCommand({
      familyPrefix: family,
      status: 'ACTIVE',
      sort: 'DESC',
      maxResults: SEARCHED_REVISIONS,
    }),
  );
  return taskDefinitionArns.map(asTaskDefinitionArn).sort((one, other) => numberOf(other) - numberOf(one));
}

function numberOf(taskDefinition: TaskDefinitionArn): number {
  return Number(taskDefinition.slice(taskDefinition.lastIndexOf(':') + 1));
}

/** The middleware stack of a command, as far as raw bodies need it. */
interface HasMiddleware {
  // The SDK types every command's stack differently; `never` fits them all.
  readonly middlewareStack: { add(middleware: never, options: never): void };
}

type Next = (args: { request: { body?: unknown } }) => Promise<{ response: { body?: unknown } }>;

/** Keeps the answer's body as it came, and hands the SDK a copy: lowest priority of the step, hence nearest to the wire. */
function captureBody(command: HasMiddleware): { text(): string } {
  let captured = '';
  const middleware =
    (next: Next): Next =>
    async (args) => {
      const result = await next(args);
      const bytes = await collect(result.response.body);
      captured = bytes.toString('utf8');
      result.response.body = new Uint8Array(bytes);
      return result;
    };
  command.middlewareStack.add(
    middleware as never,
    { step: 'deserialize', name: 'captureBody', priority: 'low' } as never,
  );
  return { text: () => captured };
}

/** Sends another body than the SDK serialised; length and signature are computed after the build step. */
function replaceBody(command: HasMiddleware, body: string): void {
  const middleware =
    (next: Next): Next =>
    (args) => {
      args.request.body = body;
      return next(args);
    };
  command.middlewareStack.add(middleware as never, { step: 'build', name: 'replaceBody', priority: 'high' } as never);
}

async function collect(body: unknown): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function parseDescription(text: string): RawDescription {
  const { taskDefinition, tags } = JSON.parse(text) as { taskDefinition: RawTaskDefinition; tags?: RawTag[] };
  return { taskDefinition, tags: tags ?? [] };
}
