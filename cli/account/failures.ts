import { LostRollout } from './lost-rollout.ts';

/** Where a call went, as far as it was known when it failed. */
export interface Place {
  /** Name of the service's stack. */
  readonly stackName?: string;
  readonly region?: string | undefined;
  /** `AWS_ENDPOINT_URL`, if one is set. */
  readonly endpoint?: string | undefined;
  /** `AWS_PROFILE`, if one is set. */
  readonly profile?: string | undefined;
  /** Services that have registered there, beside the one that is meant. */
  readonly others?: readonly string[];
}

/** AWS did not do what was asked; the message is one sentence with its remedy. */
export class AwsFailure extends Error {
  override readonly name = 'AwsFailure';
  /** Whether the same call may well succeed a moment later. */
  readonly isTransient: boolean;
  constructor(message: string, isTransient: boolean, cause: unknown) {
    super(message, { cause });
    this.isTransient = isTransient;
  }
}

/** What is known of an error that the SDK threw. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  /** Node's code: `ECONNREFUSED`. */
  readonly code?: string | undefined;
  /** What Node could not read as a URL. */
  readonly input?: string | undefined;
  readonly $fault?: string | undefined;
  readonly $metadata?: { readonly httpStatusCode?: number } | undefined;
}

interface Explanation {
  readonly isMeant: (error: Thrown) => boolean;
  readonly sentence: (error: Thrown, place: Place) => string;
  readonly isTransient?: true;
}

/** The first that fits explains; a name is AWS's own, so each API spells the same trouble its own way. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    isMeant: ({ message }) => /region is missing/i.test(message),
    sentence: (_, { profile }) =>
      profile === undefined
        ? 'no AWS region is set: set AWS_REGION, or a region in your AWS profile'
        : `no AWS region is set: profile ${profile} (AWS_PROFILE) has none or is not in your AWS configuration (aws configure list-profiles): set AWS_REGION, or name another profile`,
  },
  {
    isMeant: ({ code }) => code === 'ERR_INVALID_URL',
    sentence: ({ input }) =>
      `the AWS endpoint ${JSON.stringify(input)} is no URL: mend endpoint_url in your AWS configuration, such as http://127.0.0.1:4566`,
  },
  {
    isMeant: ({ name, message }) => /sso/i.test(message) && /expired|invalid|refresh/i.test(message + name),
    sentence: () => 'the SSO session has expired: run aws sso login, then try again',
  },
  {
    isMeant: ({ name, message }) => name === 'CredentialsProviderError' || /could not load credentials/i.test(message),
    sentence: ({ message }, { profile }) =>
      profile === undefined
        ? `no usable AWS credentials (${firstLine(message)}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`
        : `profile ${profile} (AWS_PROFILE) is not in your AWS configuration, or gives no credentials (${firstLine(message)}): name one that aws configure list-profiles shows`,
  },
  {
    isMeant: ({ name }) => /^(ExpiredToken(Exception)?|RequestExpired|TokenRefreshRequired)$/.test(name),
    sentence: () => 'the AWS credentials have expired: get new ones (aws sso login), then try again',
  },
  {
    isMeant: ({ message }) => /credential should be scoped to a valid region/i.test(message),
    sentence: ({ message }, place) =>
      `${endpointText(place)} does not serve ${regionText(place)} (${firstLine(message)}): set AWS_REGION to its region`,
  },
  {
    isMeant: ({ name }) => UNKNOWN_CREDENTIALS.has(name),
    sentence: ({ name }, place) =>
      `AWS does not accept these credentials in ${regionText(place)} (${name}): check the keys, the profile and the clock`,
  },
  {
    isMeant: ({ name, $metadata }) =>
      /^(AccessDenied(Exception)?|UnauthorizedOperation|UnauthorizedException|AuthorizationError(Exception)?|NotAuthorized)$/.test(name) ||
      ($metadata?.httpStatusCode === 403 && /not authorized/i.test(name)),
    sentence: ({ message }) => `${deniedText(message)}: ask for that permission, or use another AWS_PROFILE`,
  },
  {
    isMeant: ({ name }) => /^(StateMachineDoesNotExist|ResourceNotFoundException|StateMachineDeleting)$/.test(name),
    sentence: (_, place) =>
      `${place.stackName ?? 'the stack'} is not deployed in ${regionText(place)}: deploy it (npx cdk deploy), or set AWS_REGION${othersText(place)}`,
  },
  {
    isMeant: ({ name }) => name === 'ExecutionDoesNotExist',
    sentence: (_, place) => `Step Functions no longer has that rollout in ${regionText(place)}: see rollouts history`,
  },
  {
    isMeant: ({ name }) => /^(ServiceNotFound|ServiceNotActive|ClusterNotFound)Exception$/.test(name),
    sentence: ({ message }, place) =>
      `ECS does not have the service in ${regionText(place)} (${firstLine(message)}): mend rollouts.config.ts or AWS_REGION`,
  },
  {
    isMeant: ({ name }) => name === 'LedgerUnreadable',
    sentence: ({ message }) => `${message.slice(0, message.lastIndexOf(':'))}: use the release that was deployed`,
  },
  {
    isMeant: ({ name }) => name === 'AwsUnavailable',
    sentence: ({ message }) => `${firstLine(message)}: try again in a minute`,
    isTransient: true,
  },
  {
    isMeant: ({ name }) => name === 'RepositoryNotFoundException',
    sentence: (_, place) =>
      `ECR does not have the repository in ${regionText(place)}: create it (registry: {} in rollouts.config.ts), or set AWS_REGION`,
  },
  {
    isMeant: ({ name, $metadata }) =>
      /throttl|toomanyrequests|requestlimit|provisionedthroughput|slowdown|limitexceeded/i.test(name) ||
      $metadata?.httpStatusCode === 429,
    sentence: ({ name }) => `AWS throttles this account's calls (${name}): try again in a minute`,
    isTransient: true,
  },
  {
    isMeant: ({ code, name }) => /^(ENOTFOUND|EAI_AGAIN)$/.test(code ?? name),
    sentence: ({ message }, place) =>
      `no such host (${firstLine(message)}): check the network, and that ${regionText(place)} is spelled right`,
    isTransient: true,
  },
  {
    isMeant: ({ code, name }) =>
      /^(ECONNREFUSED|ECONNRESET|EPIPE|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|TimeoutError)$/.test(code ?? name) ||
      name === 'TimeoutError',
    sentence: ({ code, name }, place) =>
      `${endpointText(place)} does not answer (${code ?? name}): check the network${place.endpoint === undefined ? '' : ' and AWS_ENDPOINT_URL'}`,
    isTransient: true,
  },
  {
    isMeant: ({ $fault, $metadata }) => $fault === 'server' || ($metadata?.httpStatusCode ?? 0) >= 500,
    sentence: ({ name }, place) => `AWS has trouble in ${regionText(place)} (${name}): try again in a minute`,
    isTransient: true,
  },
  {
    isMeant: ({ $fault, $metadata }) => $fault !== undefined || $metadata !== undefined,
    sentence: ({ name, message }) => `AWS refused (${name}: ${firstLine(message)}): ROLLOUTS_DEBUG=1 shows where`,
  },
];

const UNKNOWN_CREDENTIALS = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'AuthFailure',
]);

/** The error as a failure of AWS with a sentence for people; undefined when it is none of AWS's. */
export function explainFailure(error: unknown, place: Place): AwsFailure | undefined {
  if (error instanceof AwsFailure) return error;
  if (error instanceof LostRollout) return goingOn(error, place);
  if (!(error instanceof Error)) return undefined;
  const thrown: Thrown = { ...innermost(error), name: error.name, message: messageOf(error) };
  const explanation = EXPLANATIONS.find(({ isMeant }) => isMeant(thrown));
  return explanation && new AwsFailure(explanation.sentence(thrown, place), explanation.isTransient === true, error);
}

/** Why nothing more is seen of a rollout, and that it goes on all the same. */
function goingOn({ cause, message }: LostRollout, place: Place): AwsFailure {
  const { message: why, isTransient } = explainFailure(cause, place) ?? { message, isTransient: false };
  return new AwsFailure(`${why.replace(/\.$/, '')}. The rollout goes on: rollouts watch`, isTransient, cause);
}

/** Node throws an AggregateError without a message where a host has several addresses; its first error says it. */
function messageOf(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return error.message === '' && first ? first.message : error.message;
}

function innermost(error: Error): Pick<Thrown, 'code' | 'input' | '$fault' | '$metadata'> {
  const { code, input, $fault, $metadata } = error as Partial<Thrown>;
  return { input, code, $fault, $metadata };
}

/** IAM: `User: arn:… is not authorized to perform: states:StartExecution on resource: arn:… because …` */
function deniedText(message: string): string {
  const found = /(?:User: )?(\S+) is not authorized to perform: (\S+?)(?: on resource: (\S+))?(?:[ .,]|$)/.exec(
    message,
  );
  if (!found) return `AWS denied it (${firstLine(message)})`;
  const [, who, action, resource] = found;
  return `${who} may not ${action}${resource === undefined ? '' : ` on ${resource}`}`;
}

function endpointText({ endpoint, region }: Place): string {
  return endpoint ?? `AWS in ${regionText(region === undefined ? {} : { region })}`;
}

/** Services that are shown to whoever meant one that is not there. */
const OTHERS_SHOWN = 3;

function othersText({ others = [] }: Place): string {
  if (others.length === 0) return '';
  const more = others.length > OTHERS_SHOWN ? ', …' : '';
  return `; deployed there: ${others.slice(0, OTHERS_SHOWN).join(', ')}${more} (--service)`;
}

function regionText({ region }: Place): string {
  return region ?? 'this region';
}

function firstLine(text: string): string {
  return text
    .split('\n')[0]!
    .replace(/[.:]\s*$/, '')
    .slice(0, 200);
}
