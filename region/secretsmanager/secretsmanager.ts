import type { DescribeSecretRequest, DescribeSecretResponse } from '@aws-sdk/client-secrets-manager';
import { Fault, operation, type RegionContext, type Service } from '../service.ts';
import { newSecretsState, type Secrets, type SecretsState } from './model.ts';
import { partitionOf } from '../partition.ts';

/** AWS Secrets Manager as a list of names: no values, no versions, no deletion. */
export interface SecretsManager extends Service {
  /** Makes a secret known that stands outside the stacks, by its name or an ARN of it; answers its complete ARN. */
  admitSecret(nameOrArn: string): string;
  /** The complete ARN of a secret, found by a complete or partial ARN; undefined when there is no such secret. */
  findSecret(arn: string): string | undefined;
}

/** Secrets Manager adds a hyphen and six characters to a name. */
const SUFFIX_LENGTH = '-a1b2c3'.length;
const COMPLETE_ARN = /^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/;

/** Creates Secrets Manager, without any secret unless told. */
export function createSecretsManager(context: RegionContext, state: SecretsState = newSecretsState()): SecretsManager {
  const secrets: Secrets = { ...context, state };
  return {
    id: 'secretsmanager',
    state,
    operations: {
      DescribeSecret: operation<DescribeSecretRequest, DescribeSecretResponse>({
        // Where there is no such secret IAM sees the ARN without the six characters, which `name-??????` does not fit.
        permissions: ({ SecretId = '' }) => {
          const arn = arnOf(secrets, SecretId);
          return [{ action: 'secretsmanager:DescribeSecret', resource: findSecret(secrets, arn) ?? arn }];
        },
        apply: ({ SecretId = '' }) => described(secrets, findSecret(secrets, arnOf(secrets, SecretId))),
      }),
    },
    resources: {},
    findSecret: (arn) => findSecret(secrets, arn),
    admitSecret: (nameOrArn) => admitSecret(secrets, nameOrArn),
  };
}

function admitSecret(secrets: Secrets, nameOrArn: string): string {
  const { state, kernel } = secrets;
  const arn = arnOf(secrets, nameOrArn);
  const known = findSecret(secrets, arn);
  if (known !== undefined) return known;
  const complete = COMPLETE_ARN.test(arn) ? arn : `${arn}-${kernel.random.hex(6)}`;
  state.secrets.set(complete, new Date(kernel.now));
  return complete;
}

function findSecret({ state: { secrets } }: Secrets, arn: string): string | undefined {
  return secrets.has(arn) ? arn : [...secrets.keys()].find((known) => known.slice(0, -SUFFIX_LENGTH) === arn);
}

function arnOf({ region, account }: Secrets, id: string): string {
  return id.startsWith('arn:') ? id : `arn:${partitionOf(region)}:secretsmanager:${region}:${account}:secret:${id}`;
}

function described({ state: { secrets } }: Secrets, arn: string | undefined): DescribeSecretResponse {
  const since = arn === undefined ? undefined : secrets.get(arn);
  if (arn === undefined || since === undefined)
    throw new Fault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  const name = arn.slice(arn.indexOf(':secret:') + ':secret:'.length, -SUFFIX_LENGTH);
  return { ARN: arn, Name: name, CreatedDate: since, LastChangedDate: since };
}
