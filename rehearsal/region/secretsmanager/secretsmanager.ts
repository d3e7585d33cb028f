import type { RegionContext, Service } from '../service.ts';

/** AWS Secrets Manager as a list of names: no values, no versions, no API. */
export interface SecretsManager extends Service {
  /** Makes a secret known that stands outside the stacks, by its name or an ARN of it; answers its complete ARN. */
  admitSecret(nameOrArn: string): string;
  /** The complete ARN of a secret, found by a complete or partial ARN; undefined when there is no such secret. */
  findSecret(arn: string): string | undefined;
}

/** Secrets Manager adds a hyphen and six characters to a name. */
const COMPLETE_ARN = /^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:.+-[A-Za-z0-9]{6}$/;

/** Creates Secrets Manager without any secret. */
export function createSecretsManager({ kernel, account, region }: RegionContext): SecretsManager {
  const arns = new Set<string>();
  const findSecret = (arn: string): string | undefined =>
    arns.has(arn) ? arn : [...arns].find((known) => COMPLETE_ARN.test(known) && known.slice(0, -7) === arn);
  return {
    id: 'secretsmanager',
    operations: {},
    resources: {},
    findSecret,
    admitSecret(nameOrArn) {
      const isArn = nameOrArn.startsWith('arn:');
      const arn = isArn ? nameOrArn : `arn:aws:secretsmanager:${region}:${account}:secret:${nameOrArn}`;
      const known = findSecret(arn);
      if (known !== undefined) return known;
      const complete = COMPLETE_ARN.test(arn) ? arn : `${arn}-${kernel.random.hex(6)}`;
      arns.add(complete);
      return complete;
    },
  };
}
