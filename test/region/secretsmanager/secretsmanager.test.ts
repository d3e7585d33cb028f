import type { DescribeSecretResponse } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkRequest } from '../../../region/iam/iam.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { createSecretsManager, type SecretsManager } from '../../../region/secretsmanager/secretsmanager.ts';

const PREFIX = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:';

let kernel: Kernel;
let secrets: SecretsManager;
beforeEach(() => {
  kernel = new Kernel();
  secrets = createSecretsManager({ kernel, account: '123456789012', region: 'us-east-1' });
});

const described = (SecretId: string): DescribeSecretResponse =>
  secrets.operations['DescribeSecret']!.apply({ SecretId } as never, { kind: 'operator' }) as DescribeSecretResponse;
const asked = (SecretId: string) =>
  secrets.operations['DescribeSecret']!.permissions({ SecretId } as never, { kind: 'operator' });

describe('DescribeSecret', () => {
  it('finds a secret by its name, by part of its ARN and by all of it, and tells no value', async () => {
    const ARN = secrets.admitSecret('team/database');
    const since = new Date(kernel.now);
    await kernel.runFor(60_000);
    for (const id of ['team/database', `${PREFIX}team/database`, ARN])
      expect(described(id)).toEqual({ ARN, Name: 'team/database', CreatedDate: since, LastChangedDate: since });
  });

  it.each(['team/other', 'team', `${PREFIX}team/database-AbCdEf`, 'team/database-AbCdEf'])('does not find %s', (id) => {
    secrets.admitSecret('team/database');
    expect(() => described(id)).toThrow(
      expect.objectContaining({
        code: 'ResourceNotFoundException',
        message: "Secrets Manager can't find the specified secret.",
      }),
    );
  });

  it('asks for permission on the complete ARN, or on what was asked for when there is none', async () => {
    const ARN = secrets.admitSecret('team/database');
    const action = 'secretsmanager:DescribeSecret';
    expect(asked('team/database')).toEqual([{ action, resource: ARN }]);
    expect(asked('team/other')).toEqual([{ action, resource: `${PREFIX}team/other` }]);
    expect(await checkRequest({ action, resource: ARN })).toBeUndefined();
    expect(await checkRequest({ action, resource: '*' })).toContain('takes a resource of type Secret');
  });
});
