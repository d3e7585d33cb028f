import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECSClient } from '@aws-sdk/client-ecs';
import type { CheckedService } from '../../infra/configuration.ts';
import type { Terminal } from '../command.ts';
import type { Footprint } from './footprint.ts';
import type { Utilisation } from './judge-size.ts';
import { runningFootprint } from './running-service.ts';
import { readUtilisation } from './utilisation.ts';

/** What the account knows of a service. */
export interface AccountView {
  /** Absent when the service is not there. */
  readonly footprint?: Footprint | undefined;
  readonly utilisation: Utilisation;
}

/** Asks the account and Region of the environment's credentials; throws one sentence when AWS does not answer. */
export async function askAccount(service: CheckedService, env: Terminal['env'], now: Date): Promise<AccountView> {
  // The AWS CLI reads the second name too; the SDK does not.
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
  const settings = {
    ...(region !== undefined && { region }),
    maxAttempts: 2,
    // Without these a network that swallows packets would let a person wait for minutes.
    requestHandler: { connectionTimeout: 5000, requestTimeout: 15_000, throwOnRequestTimeout: true },
  };
  const [ecs, cloudwatch] = [new ECSClient(settings), new CloudWatchClient(settings)];
  try {
    const footprint = await runningFootprint(ecs, service);
    return { footprint, utilisation: await readUtilisation(cloudwatch, service, now) };
  } catch (error) {
    throw sentenceFor(error);
  } finally {
    ecs.destroy();
    cloudwatch.destroy();
  }
}

function sentenceFor(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const remedy = REMEDIES.find(({ names }) => names.test(`${error.name} ${codeOf(error)} ${error.message}`))?.remedy;
  const isOurs = !('$fault' in error) && remedy === undefined;
  const message = (error.message || codeOf(error)).replace(/\.$/, '');
  return isOurs ? error : new Error(`AWS did not answer --live: ${message}${remedy ?? ''}`, { cause: error });
}

const REMEDIES: readonly { readonly names: RegExp; readonly remedy: string }[] = [
  { names: /Region is missing/, remedy: '; set AWS_REGION' },
  {
    names: /CredentialsProviderError|TokenProviderError/,
    remedy: '; sign in (aws sso login), or set AWS_PROFILE or the keys',
  },
  {
    names: /UnrecognizedClient|InvalidClientToken|ExpiredToken|SignatureDoesNotMatch|InvalidSignature/,
    remedy: '; sign in again',
  },
  {
    names: /AccessDenied|NotAuthorized/,
    remedy: '; --live needs ecs:DescribeServices, ecs:DescribeTaskDefinition and cloudwatch:GetMetricData',
  },
  { names: /ClusterNotFound/, remedy: '; check the cluster in the configuration, and AWS_REGION' },
  {
    names: /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|TimeoutError/,
    remedy: '; check the network and AWS_ENDPOINT_URL',
  },
];

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
