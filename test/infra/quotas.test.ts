import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import type { ConfigurationError } from '../../configuration/configuration-error.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { cellTemplate } from './cell-template.ts';
import { temporaryDirectory } from './temporary.ts';

const SERVICES = [
  { repository: 'team/adopted', container: 'app' },
  { repository: 'team/kept', container: 'app', registry: {} },
  { repository: 'team/lonely', container: 'app', provision: { port: 8000 } },
  {
    repository: 'team/whole',
    container: 'app',
    registry: {},
    github: { repository: 'owner/name', branch: 'main' },
    provision: { port: 8000, loadBalancer: {} },
  },
];

/** How many resources of each quota's type the stacks of the services have. */
async function synthesized(): Promise<number[]> {
  const directory = await synthesize(checkConfiguration({ services: SERVICES }), { outdir: temporaryDirectory() });
  const templates = readdirSync(directory).filter((file) => file.endsWith('.template.json'));
  const types = templates.flatMap((file) => {
    const { Resources } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as {
      readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
    };
    return Object.values(Resources).map(({ Type }) => Type);
  });
  const counted = ['Events::Rule', 'IAM::Role', 'EC2::VPC', 'ElasticLoadBalancingV2::LoadBalancer'];
  return counted.map((type) => types.filter((each) => each === `AWS::${type}`).length);
}

/** How many the configuration takes the services to need, as its refusals say. */
function refused(): number[] {
  const quotas = { eventBridgeRules: 1, iamRoles: 1, vpcs: 1, loadBalancers: 1 };
  // One load balancer is no more than a quota of one.
  const services = [...SERVICES, { ...SERVICES[3]!, repository: 'team/second', service: 'second' }];
  try {
    checkConfiguration({ services, quotas });
  } catch (error) {
    return (error as ConfigurationError).problems.map(({ message }) => Number(/^take (\d+)/.exec(message)![1]));
  }
  return [];
}

it('what the configuration counts of a quota is what the stacks have', async () => {
  const [rules, roles, vpcs, balancers] = await synthesized();
  expect(refused()).toEqual([rules! + 4, roles! + 14, vpcs! + 1, balancers! + 1]);
});

it('the time that a deployment takes is counted of as many resources as the stack of an adopted service has', () => {
  const { Resources } = cellTemplate();
  const text = readFileSync('docs/scale.md', 'utf8');
  expect(text).toContain(`A stack of an adopted service is ${Object.keys(Resources).length} resources`);
});
