import { SERVICE, type Answers } from './canned-cell.ts';

const TARGET_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1';
/** Behind a load balancer that listens twice, for HTTP and for something else; no listener forwards to the service by default. */
export const BALANCED: Answers = {
  'ecs:DescribeServices': () => ({ services: [{ ...SERVICE, loadBalancers: [{ targetGroupArn: TARGET_GROUP }] }] }),
  'elasticloadbalancing:DescribeTargetGroups': () =>
    xml(
      'DescribeTargetGroups',
      '<TargetGroups><member><LoadBalancerArns><member>arn:lb</member></LoadBalancerArns></member></TargetGroups>',
    ),
  'elasticloadbalancing:DescribeLoadBalancers': () =>
    xml(
      'DescribeLoadBalancers',
      '<LoadBalancers><member><LoadBalancerArn>arn:lb</LoadBalancerArn><DNSName>web.elb</DNSName></member></LoadBalancers>',
    ),
  'elasticloadbalancing:DescribeListeners': () =>
    xml(
      'DescribeListeners',
      `<Listeners>${['HTTP', 'TCP'].map((protocol, index) => `<member><Port>${80 + index}</Port><Protocol>${protocol}</Protocol></member>`).join('')}</Listeners>`,
    ),
  'ecs:DescribeTaskDefinition': () => ({ taskDefinition: { containerDefinitions: [LOGGING] }, tags: [] }),
};
const LOGGING = {
  name: 'app',
  logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'eu-west-1' } },
};
/** One task that has a public address, and names no port. */
export const PUBLIC_TASKS: Answers = {
  'ecs:DescribeServices': () => ({
    services: [
      { ...SERVICE, networkConfiguration: { awsvpcConfiguration: { subnets: [], assignPublicIp: 'ENABLED' } } },
    ],
  }),
  'ecs:DescribeTasks': () => ({
    tasks: [
      {
        taskArn: 'arn:aws:ecs:eu-west-1:111122223333:task/default/1',
        lastStatus: 'RUNNING',
        attachments: [{ type: 'ElasticNetworkInterface', details: [{ name: 'networkInterfaceId', value: 'eni-1' }] }],
      },
    ],
  }),
  'ec2:DescribeNetworkInterfaces': () =>
    '<DescribeNetworkInterfacesResponse><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId><association><publicIp>198.18.0.1</publicIp></association></item></networkInterfaceSet></DescribeNetworkInterfacesResponse>',
};
const xml = (operation: string, result: string): string =>
  `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;
