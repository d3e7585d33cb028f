import { z } from 'zod';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { list, serviceDocument, shape } from '../../terminal/document.ts';
import type { Address } from './address.ts';
import { notesOf, type Found } from './notes.ts';

const addressSchema = shape('address', {
  url: z.string().nullable().describe('What a browser opens; null where nobody says that HTTP is spoken.'),
  host: z.string().describe('A name in DNS, or an IP address.'),
  port: z.number().nullable().describe('Null where no container names one.'),
  protocol: z.string().nullable().describe("The listener's: `HTTPS`, `TCP`; null for a task's own address."),
  isPublic: z
    .boolean()
    .describe(
      'Whether it is an address on the internet; who may reach it, security groups say, which are not looked at.',
    ),
  isByRule: z.boolean().describe('Whether only those requests come to the service that a rule of the listener picks.'),
  taskArn: z.string().nullable().describe("ARN of the task; null for a load balancer's."),
});

/** What `rollouts open` answers. */
export const openSchema = serviceDocument({
  account: z.string().describe('Twelve digits.'),
  region: z.string().describe('Where the cell is deployed.'),
  addresses: list(addressSchema).describe(
    "Its load balancers', else those of its running tasks; those on the internet come first.",
  ),
  console: z
    .strictObject({
      service: z.string().describe('The service, in ECS.'),
      stateMachine: z.string().describe('All its rollouts, in Step Functions.'),
      rollout: z.string().nullable().describe('The rollout that runs, or the one that ended last; null without any.'),
      logs: list(
        z.strictObject({
          logGroup: z.string().describe('Where containers of the running revision write.'),
          url: z.string().describe('The log group, in CloudWatch.'),
        }),
      ).describe('None where no container writes to CloudWatch Logs.'),
      dashboard: z.string().nullable().describe('The dashboard, in CloudWatch; null where none is configured.'),
      alarms: z.string().describe('The alarms, in CloudWatch.'),
    })
    .nullable()
    .describe("Links into the AWS console; null in a partition whose console's host is not known."),
  notes: list(z.string()).describe('What is missing above, and why; for people.'),
});
type OpenDocument = z.infer<typeof openSchema>;

/** What was found, for machines. */
export function openDocument(cell: DeployedCell, found: Found): OpenDocument {
  const { reached, links } = found;
  return {
    schema: 1,
    service: cell.config.service,
    account: cell.account,
    region: cell.region,
    addresses: reached.addresses.map(addressJson),
    console: links ? { ...links, rollout: links.rollout ?? null, dashboard: links.dashboard ?? null } : null,
    notes: notesOf(cell, found),
  };
}

function addressJson({ url, port, protocol, taskArn, ...address }: Address): z.infer<typeof addressSchema> {
  return {
    ...address,
    url: url ?? null,
    port: port ?? null,
    protocol: protocol ?? null,
    taskArn: taskArn ?? null,
  };
}
