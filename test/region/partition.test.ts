import { describe, expect, it } from 'vitest';
import { globalRegionOf, partitionOf } from '../../region/partition.ts';
import { createRegion } from '../../region/region.ts';
import { NotModelled } from '../../region/service.ts';

describe('a partition', () => {
  it.each([
    ['us-east-1', 'aws', 'us-east-1'],
    ['eu-central-1', 'aws', 'us-east-1'],
    ['us-gov-west-1', 'aws-us-gov', 'us-gov-west-1'],
    ['us-gov-east-1', 'aws-us-gov', 'us-gov-west-1'],
  ])('of %s is %s, and its global services answer in %s', (region, partition, global) => {
    expect(partitionOf(region)).toBe(partition);
    expect(globalRegionOf(region)).toBe(global);
  });

  it.each(['cn-north-1', 'eusc-de-east-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1'])(
    'of %s is not modelled',
    (region) => {
      expect(() => createRegion({ region })).toThrow(NotModelled);
    },
  );
});

describe('a region of aws-us-gov', () => {
  const region = createRegion({ account: '210987654321', region: 'us-gov-west-1' });
  const role = (name: string, more: object = {}) =>
    region.resources['AWS::IAM::Role']!(
      name,
      {
        RoleName: name,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        ...more,
      },
      'stack',
    );
  const machine = async (name: string, partition: string) => {
    const { attributes } = await role(name);
    const Step = {
      Type: 'Task',
      Resource: `arn:${partition}:states:::lambda:invoke`,
      Arguments: { FunctionName: 'step' },
      End: true,
    };
    return region.resources['AWS::StepFunctions::StateMachine']!(
      name,
      {
        StateMachineName: name,
        RoleArn: attributes['Arn'],
        DefinitionString: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Step', States: { Step } }),
      },
      'stack',
    );
  };

  it('names what it creates by the ARNs of its partition', async () => {
    expect((await role('one')).attributes['Arn']).toBe('arn:aws-us-gov:iam::210987654321:role/one');
    const { ref } = await machine('two', 'aws-us-gov');
    expect(ref).toBe('arn:aws-us-gov:states:us-gov-west-1:210987654321:stateMachine:two');
  });

  it('has the integrations and the managed policies of its partition, and no others', async () => {
    await expect(machine('three', 'aws')).rejects.toThrow(
      'The resource provided arn:aws:states:::lambda:invoke is not recognized.',
    );
    const policy = 'iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy';
    await role('four', { ManagedPolicyArns: [`arn:aws-us-gov:${policy}`] });
    await expect(role('five', { ManagedPolicyArns: [`arn:aws:${policy}`] })).rejects.toThrow(NotModelled);
  });
});
