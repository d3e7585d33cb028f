import { Annotations, Aws, CfnCondition, CfnParameter, Duration, Fn, Stack, Token } from 'aws-cdk-lib/core';
import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { type CfnService, Cluster, FargateService, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { Cell } from './cell.ts';
import { claimStack } from './claimed-stack.ts';
import { Console } from './console.ts';
import { FrontDoor } from './front-door.ts';
import { serviceStackName, TASK_LOGS_PATH } from '../configuration/names.ts';
import { PLACEHOLDER_IMAGE } from '../functions/rollout/config.ts';
import type { Provision, Scaling } from '../configuration/provisioning.ts';
import { ServiceNetwork } from './service-network.ts';
import { tell } from './tell.ts';
import { ServiceTaskDefinition } from './service-task-definition.ts';

interface ServiceStackProps {
  readonly cell: Cell;
  readonly provision: Provision;
}

/** The service and what it stands on. After the first rollout its image and its number of tasks are no longer this stack's. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, { cell, provision }: ServiceStackProps) {
    const { name, serviceName, cluster } = cell.service;
    super(scope, serviceStackName(name), { description: `The ECS service ${serviceName}` });
    claimStack(this, cell);
    // Nothing here asks for the route tables of an existing network.
    Annotations.of(this).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
    // Read anew at every deployment: the image that the last successful rollout proved.
    const liveImage = new CfnParameter(this, 'LiveImage', {
      type: 'AWS::SSM::Parameter::Value<String>',
      default: cell.rolloutConfig.liveImageParameter,
    });
    const isLaunched = new CfnCondition(this, 'IsLaunched', {
      expression: Fn.conditionNot(Fn.conditionEquals(liveImage.valueAsString, PLACEHOLDER_IMAGE)),
    });
    const network = new ServiceNetwork(this, 'Network', { existing: provision.network });
    const { taskDefinition, logGroupName } = new ServiceTaskDefinition(this, TASK_LOGS_PATH[0], {
      cell,
      provision,
      liveImage,
    });
    const service = new FargateService(this, 'Service', {
      serviceName,
      cluster: this.clusterFor(cluster, provision, network),
      taskDefinition,
      assignPublicIp: network.assignPublicIp,
      vpcSubnets: { subnets: [...network.subnets] },
      securityGroups: [...network.securityGroups],
      circuitBreaker: { enable: true, rollback: true },
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      // Behind a load balancer a slow starter needs as much patience as its own health check gives it.
      ...(provision.loadBalancer && { healthCheckGracePeriod: gracePeriod(provision) }),
    });
    startEmpty(service, isLaunched);
    const console = new Console(this, 'Console');
    tell(this, {
      ClusterName: [cluster, 'The ECS cluster of the service'],
      ServiceName: [serviceName, 'The ECS service'],
      LogGroupName: [logGroupName, 'The log group of its containers'],
      ServiceConsole: [console.service(cell), 'The service in the console'],
      LogConsole: [console.createdLogGroup(logGroupName), 'The log of its containers in the console'],
    });
    if (provision.loadBalancer) {
      const door = new FrontDoor(this, 'FrontDoor', {
        network,
        service,
        port: provision.port,
        internal: provision.internal,
        allowFrom: provision.allowFrom,
        ...provision.loadBalancer,
      });
      tell(this, { Url: [door.url, 'Where the service answers'] });
    } else {
      network.openTo(provision.port, provision);
    }
    if (provision.scaling) this.scale(cell, service, provision.scaling, isLaunched);
  }

  private clusterFor(clusterName: string, { cluster }: Provision, { vpc }: ServiceNetwork): ICluster {
    return cluster === 'create'
      ? (new Cluster(this, 'Cluster', { clusterName, vpc }) as ICluster)
      : Cluster.fromClusterAttributes(this, 'Cluster', { clusterName, vpc, securityGroups: [] });
  }

  /** Only once something runs: before that the minimum would start tasks of an image that does not exist. */
  private scale(cell: Cell, service: FargateService, scaling: Scaling, isLaunched: CfnCondition): void {
    const target = new CfnScalableTarget(this, 'ScalableTarget', {
      serviceNamespace: 'ecs',
      scalableDimension: 'ecs:service:DesiredCount',
      resourceId: `service/${cell.service.cluster}/${cell.service.serviceName}`,
      minCapacity: scaling.minCount,
      maxCapacity: scaling.maxCount,
    });
    const policy = new CfnScalingPolicy(this, 'ScalingPolicy', {
      policyName: 'cpu',
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: scaling.cpuPercent,
        predefinedMetricSpecification: { predefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      },
    });
    target.node.addDependency(service);
    for (const resource of [target, policy]) resource.cfnOptions.condition = isLaunched;
  }
}

/** At least the minute that CDK gives. */
function gracePeriod({ healthCheck }: Provision): Duration {
  return Duration.seconds(Math.max(60, healthCheck ? healthCheck.startPeriodSeconds : 0));
}

/**
 * The service is created without tasks, so that the first deployment ends although the repository is empty. Once an image is
 * live the count is left out: CloudFormation resends every property of the service whenever one changes, and an old count
 * among them would undo what autoscaling or an operator chose.
 */
function startEmpty(service: FargateService, isLaunched: CfnCondition): void {
  const resource = service.node.defaultChild as CfnService;
  resource.desiredCount = Token.asNumber(Fn.conditionIf(isLaunched.logicalId, Aws.NO_VALUE, 0));
}
