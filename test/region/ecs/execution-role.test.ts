import { describe, expect, it } from 'vitest';
import { createSecretsManager } from '../../../region/secretsmanager/secretsmanager.ts';
import { EcsRegion } from './ecs-fixture.ts';
import { CONTAINER, firstStop, SECRET } from './first-stop.ts';

describe('a task whose execution role', () => {
  it.each([
    ['sts:AssumeRole', "unable to assume the role 'arn:aws:iam::123456789012:role/execution'"],
    ['ecr:GetAuthorizationToken', 'retrieve ecr registry auth: .* ecr:GetAuthorizationToken on resource: \\*'],
    ['ecr:BatchGetImage', 'CannotPullContainerError: .* 403 Forbidden'],
    ['ecr:GetDownloadUrlForLayer', 'CannotPullContainerError: .* 403 Forbidden'],
    [
      'ssm:GetParameters',
      'secrets from ssm: .* ssm:GetParameters on resource: arn:aws:ssm:us-east-1:123456789012:parameter/team/key',
    ],
    [
      'secretsmanager:GetSecretValue',
      `secret from asm: .* secretsmanager:GetSecretValue on resource: ${SECRET}-a1b2c3`,
    ],
    ['logs:CreateLogStream', 'logger args: .*:log-group:api:log-stream:ecs/app/[0-9a-f]{32} : exit'],
  ])('may not %s never starts a container, and says why', async (action, reason) => {
    const region = new EcsRegion();
    region.refused.add(action);
    const task = await firstStop(region);
    expect(task.stoppedReason).toMatch(new RegExp(reason));
    expect(task).toMatchObject({ stopCode: 'TaskFailedToStart' });
    expect(task.startedAt).toBeUndefined();
  });

  it.each([
    ['/team/key', 'unable to retrieve secrets from ssm: .* invalid ssm parameters: /team/key'],
    [SECRET, `failed to fetch secret ${SECRET} from .* ResourceNotFoundException: Secrets Manager can't find`],
    ['api', 'failed to create Cloudwatch log stream: .* The specified log group does not exist. : exit status 1'],
  ])('finds no %s never starts a container, and says which is missing', async (name, reason) => {
    const region = new EcsRegion();
    region.missing.add(name);
    const { stoppedReason, pullStartedAt } = await firstStop(region);
    expect(stoppedReason).toMatch(new RegExp(reason));
    expect(pullStartedAt).toBeUndefined();
  });

  it('is left out cannot have secrets', () => {
    const register = () => new EcsRegion().register('public.example/app', { executionRoleArn: undefined }, CONTAINER);
    expect(register).toThrow("also specify a value for 'executionRoleArn'");
  });
});

it('knows a secret by its name, by part of its ARN and by all of it', async () => {
  const { kernel } = new EcsRegion();
  const secrets = createSecretsManager({ kernel, account: '123456789012', region: 'us-east-1' });
  const complete = secrets.admitSecret('team/database');
  expect(complete).toMatch(/:secret:team\/database-[A-Za-z0-9]{6}$/);
  expect([SECRET, complete, secrets.admitSecret(SECRET)].map(secrets.findSecret)).toEqual([
    complete,
    complete,
    complete,
  ]);
  expect(secrets.findSecret(`${SECRET}s`)).toBeUndefined();
  const given = `${SECRET}-AbCdEf`;
  expect(secrets.admitSecret(given)).toBe(given);
});
