import { z } from 'zod';
import {
  CreationFailed,
  Fault,
  NotModelled,
  type CreatedResource,
  type ResourceCreator,
  type ResourceDeleter,
  type ResourceProperties,
  type ResourceUpdater,
} from '../service.ts';
import { readProperties } from '../properties.ts';
import { idOfStack, type CloudFormation } from './model.ts';
import { awaitResponse } from './response-bucket.ts';
import { hashedUuid } from './stack-id.ts';
import { SERVICE_TIMEOUT_SECONDS_MAX } from './timing.ts';

/** The type under which all of them are created and updated; templates may call them `Custom::<anything>`. */
export const CUSTOM_RESOURCE = 'AWS::CloudFormation::CustomResource';

const propertiesSchema = z.looseObject({
  ServiceToken: z.string(),
  ServiceTimeout: z.coerce.number().int().min(1).max(SERVICE_TIMEOUT_SECONDS_MAX).default(SERVICE_TIMEOUT_SECONDS_MAX),
});

/** CloudFormation user guide, "Custom resource response objects"; the three names must be those of the request. */
const responseSchema = z.object({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.string().optional(),
  PhysicalResourceId: z.string().min(1).max(1024),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  NoEcho: z.boolean().optional(),
  Data: z.record(z.string(), z.unknown()).optional(),
});
/** Same page: "The total size of the response body can't exceed 4096 bytes." */
const RESPONSE_BYTES_MAX = 4096;

interface Request {
  readonly logicalId: string;
  readonly type: string;
  readonly stackName: string;
  readonly properties: ResourceProperties;
  /** The members of the event that depend on the kind of request. */
  readonly kind:
    | { readonly RequestType: 'Create' }
    | {
        readonly RequestType: 'Update';
        readonly PhysicalResourceId: string;
        readonly OldResourceProperties: unknown;
      }
    | { readonly RequestType: 'Delete'; readonly PhysicalResourceId: string };
}

/** Creates custom resources: their function is asked, and answers through the response bucket. */
export function customResourceCreator(custom: CloudFormation): ResourceCreator {
  return (logicalId, properties, stackName, type = CUSTOM_RESOURCE) =>
    ask(custom, { logicalId, type, stackName, properties, kind: { RequestType: 'Create' } });
}

/** Updates custom resources. A response with another physical id has replaced the resource: the former one gets a Delete. */
export function customResourceUpdater(custom: CloudFormation): ResourceUpdater {
  return {
    changeable: 'all',
    update: ({ logicalId, type, stackName, current, before, after }) => {
      if (before['ServiceToken'] !== after['ServiceToken'])
        throw new Fault('ValidationError', 'Modifying service token is not allowed.');
      const kind = {
        RequestType: 'Update',
        PhysicalResourceId: current.ref,
        OldResourceProperties: asTexts(before),
      } as const;
      const asked = ask(custom, { logicalId, type, stackName, properties: after, kind });
      return { ref: current.ref, attributes: current.attributes, awaited: asked.awaited! };
    },
  };
}

/** Deletes custom resources: their function is asked to, and must say that it has. */
export function customResourceDeleter(custom: CloudFormation): ResourceDeleter {
  return ({ logicalId, type, stackName, current, properties }) => {
    // One that never said its name gets a generated one.
    const generated = `${stackName}-${logicalId}-${hashedUuid(stackName + logicalId)
      .slice(-12)
      .toUpperCase()}`;
    const kind = { RequestType: 'Delete', PhysicalResourceId: current.ref || generated } as const;
    const asked = ask(custom, { logicalId, type, stackName, properties, kind });
    return () => asked.awaited!() !== undefined;
  };
}

/** The function is invoked as an event: should it fail, Lambda tries it again. */
function ask(custom: CloudFormation, request: Request): CreatedResource {
  const { kernel } = custom;
  const { logicalId, type, stackName, properties, kind } = request;
  const { ServiceToken, ServiceTimeout } = readProperties(propertiesSchema, `${type} ${logicalId}`, properties);
  if (!/^arn:[^:]+:lambda:/.test(ServiceToken)) throw new NotModelled(`A custom resource behind ${ServiceToken}`);
  const named = {
    StackId: idOfStack(custom.state, custom, stackName),
    RequestId: kernel.random.uuid(),
    LogicalResourceId: logicalId,
  };
  const { url, response } = awaitResponse(custom, `${named.StackId}|${logicalId}|${named.RequestId}`);
  const ResourceProperties = asTexts(properties);
  const payload = { ...kind, ServiceToken, ResponseURL: url, ...named, ResourceType: type, ResourceProperties };
  // The role that deploys stacks may invoke whatever a stack names.
  custom.invokeAsync({ functionArn: ServiceToken, payload, caller: { kind: 'operator' } });
  const givesUpAt = kernel.now + ServiceTimeout * 1000;
  const awaited = (): CreatedResource | undefined => {
    if (response.body !== undefined) return createdBy(response.body, named);
    if (kernel.now < givesUpAt) return undefined;
    throw new Error(
      `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${named.RequestId}].`,
    );
  };
  return { ref: '', attributes: {}, awaited };
}

function createdBy(text: string, named: Readonly<Record<string, string>>): CreatedResource {
  if (Buffer.byteLength(text) > RESPONSE_BYTES_MAX) throw new Error('Response object is too long.');
  const { Status, Reason, PhysicalResourceId, Data = {}, ...echoed } = parsedResponse(text);
  const wrong = Object.keys(named).find((name) => echoed[name as keyof typeof echoed] !== named[name]);
  if (wrong) throw new Error(`Invalid response object: ${wrong} must be that of the request (${text})`);
  if (Status === 'FAILED') {
    const returned = `Message returned: ${Reason ?? ''} (RequestId: ${named['RequestId']})`;
    throw new CreationFailed(`Received response status [FAILED] from custom resource. ${returned}`, PhysicalResourceId);
  }
  const attributes = Object.entries(Data).map(([name, value]) => [name, attributeText(value)]);
  return { ref: PhysicalResourceId, attributes: Object.fromEntries(attributes) as Record<string, string> };
}

function parsedResponse(text: string): z.output<typeof responseSchema> {
  try {
    return responseSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`Invalid response object: ${text}`, { cause });
  }
}

function attributeText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Numbers and booleans reach the function as texts, at every depth. */
function asTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asTexts);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asTexts(member)]));
}
