import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer, ApplicationProtocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { afterAll, describe, expect, it } from 'vitest';
import { loadAssembly } from '../../rehearsal/assembly/load-assembly.ts';
import { imageManifest } from '../../rehearsal/region/ecr/image-manifests.ts';
import { createRegion } from '../../rehearsal/region/region.ts';

const directory = mkdtempSync(join(tmpdir(), 'provisioned-'));
afterAll(() => console.log(directory) as never || undefined);

/** A service in a network of its own, behind a load balancer, scaled by load: all of it as the CDK's own constructs make it. */
function synthesize(): void {
  const stack = new Stack(new App({ outdir: directory }), 'Provisioned');
  const vpc = new Vpc(stack, 'Network', {
    availabilityZones: ['us-east-1a', 'us-east-1b'],
    natGateways: 0,
    subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC }],
  });
  const taskDefinition = new FargateTaskDefinition(stack, 'Task', { cpu: 256, memoryLimitMiB: 512 });
  taskDefinition.addContainer('app', {
    image: ContainerImage.fromRegistry('123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1'),
    portMappings: [{ containerPort: 8000 }],
    healthCheck: { command: ['CMD', 'true'] },
    logging: LogDrivers.awsLogs({ streamPrefix: 'app' }),
  });
  const service = new FargateService(stack, 'Service', {
    cluster: new Cluster(stack, 'Cluster', { vpc, clusterName: 'prod' }),
    serviceName: 'api',
    taskDefinition,
    assignPublicIp: true,
    minHealthyPercent: 100,
    circuitBreaker: { rollback: true },
  });
  const listener = new ApplicationLoadBalancer(stack, 'Balancer', { vpc, internetFacing: true }).addListener('Http', {
    port: 80,
  });
  const targetGroup = listener.addTargets('Tasks', {
    port: 8000,
    protocol: ApplicationProtocol.HTTP,
    targets: [service],
    healthCheck: { path: '/health', interval: Duration.seconds(10) },
    deregistrationDelay: Duration.seconds(30),
  });
  const scaling = service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 4 });
  scaling.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
  scaling.scaleOnRequestCount('Requests', { requestsPerTarget: 100, targetGroup });
  App.of(stack)!.synth();
}

describe('a stack with a service of its own', () => {
  it('is created as the CDK writes it, and its tasks become healthy targets', async () => {
    synthesize();
    const region = createRegion();
    region.ecr.createRepository({ repositoryName: 'api' });
    region.ecr.pushImage({ repositoryName: 'api', image: imageManifest({ seedText: 'api' }), tag: '1' });
    await loadAssembly({ ...region, ssmParameter: () => undefined }, directory);
    const isSteady = (): boolean => {
      const { desiredCount, isSteady } = region.ecs.serviceView('prod', 'api');
      return desiredCount === 2 && isSteady;
    };
    await region.kernel.runUntil(isSteady, 'two healthy tasks', 600_000);
    expect(region.ecs.serviceView('prod', 'api')).toMatchObject({ running: 2, deployments: [{ healthy: 2 }] });
  });
});
