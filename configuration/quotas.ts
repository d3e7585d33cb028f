import { byDefault, fields, wholeNumber } from './field.ts';
import type { Parsed } from './parsed-fields.ts';

/** EventBridge rules of one service's stacks. */
export const RULES_PER_SERVICE = 4;

const granted = (defaultValue: number) =>
  byDefault(defaultValue, wholeNumber(1, 1_000_000, 'give the quota as Service Quotas shows it'));

/** `quotas`: what the account and Region have, where that is not AWS's default. */
export const quotasSchema = fields({
  /** Rules on the default event bus: "Number of rules", L-244521F2. Each service takes four. @default 300 */
  eventBridgeRules: granted(300),
  /** Roles of the account, in all Regions: "Roles per account", L-FE177D64. Each service takes 11 to 14. @default 1000 */
  iamRoles: granted(1000),
  /** VPCs of the Region: "VPCs per Region", L-F678F1CE. Each service that is provisioned without `network` takes one. @default 5 */
  vpcs: granted(5),
  /**
   * Load balancers of the Region: "Application Load Balancers per Region", L-53DA6B97. Each service that is provisioned with one
   * takes one.
   * @default 50
   */
  loadBalancers: granted(50),
});

/** Quotas as far as they parsed. */
export type ParsedQuotas = Parsed<typeof quotasSchema>;
