import { Duration } from 'aws-cdk-lib/core';
import { Peer, Port, Subnet } from 'aws-cdk-lib/aws-ec2';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  ListenerAction,
  ListenerCertificate,
  SslPolicy,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { LoadBalancing } from '../configuration/provisioning.ts';
import type { ServiceNetwork } from './service-network.ts';

interface FrontDoorProps extends LoadBalancing {
  readonly network: ServiceNetwork;
  readonly service: FargateService;
  readonly port: number;
  readonly internal: boolean;
  /** @default whoever reaches it */
  readonly allowFrom: readonly string[] | undefined;
}

/** A load balancer: HTTPS when there is a certificate, and then HTTP only sends there. */
export class FrontDoor extends Construct {
  readonly url: string;

  constructor(
    scope: Construct,
    id: string,
    { network, service, port, internal, allowFrom, certificateArn, healthCheckPath, subnetIds }: FrontDoorProps,
  ) {
    super(scope, id);
    const own = subnetIds?.map((subnetId, index) => Subnet.fromSubnetId(this, `Subnet${index + 1}`, subnetId));
    const loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: network.vpc,
      vpcSubnets: { subnets: [...(own ?? network.subnets)] },
      internetFacing: !internal,
      dropInvalidHeaderFields: true,
    });
    const targets = new ApplicationTargetGroup(this, 'Targets', {
      vpc: network.vpc,
      port,
      protocol: ApplicationProtocol.HTTP,
      targetType: TargetType.IP,
      targets: [service],
      deregistrationDelay: Duration.seconds(30),
      healthCheck: {
        path: healthCheckPath,
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
    const open = allowFrom === undefined;
    for (const port of certificateArn === undefined ? [80] : [443, 80])
      for (const range of allowFrom ?? [])
        loadBalancer.connections.allowFrom(Peer.ipv4(range), Port.tcp(port), 'allowFrom');
    if (certificateArn === undefined) {
      loadBalancer.addListener('Http', {
        port: 80,
        protocol: ApplicationProtocol.HTTP,
        open,
        defaultTargetGroups: [targets],
      });
    } else {
      loadBalancer.addListener('Https', {
        port: 443,
        protocol: ApplicationProtocol.HTTPS,
        open,
        sslPolicy: SslPolicy.RECOMMENDED_TLS,
        certificates: [ListenerCertificate.fromArn(certificateArn)],
        defaultTargetGroups: [targets],
      });
      const permanent = { protocol: 'HTTPS', port: '443', permanent: true };
      loadBalancer.addListener('Http', {
        port: 80,
        protocol: ApplicationProtocol.HTTP,
        open,
        defaultAction: ListenerAction.redirect(permanent),
      });
    }
    this.url = `${certificateArn === undefined ? 'http' : 'https'}://${loadBalancer.loadBalancerDnsName}`;
  }
}
