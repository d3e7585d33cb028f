import type { Stack, StackTarget } from '../../../region/cloudformation/deploy-stack.ts';
import { untilRun } from '../../../region/cloudformation/waiting.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';

/** A stack, Shop, of these resources, with one asset. */
export const shop = (template: object): Stack => ({
  name: 'Shop',
  template,
  assets: new Map([['abc.zip', '/asset.abc']]),
});

/** A resource of a type that only tests have. */
export const thing = (properties: object, more: object = {}): object => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...more,
});

/** A region without any resource type. */
export function bareTarget(): StackTarget {
  const kernel = new Kernel();
  return {
    kernel,
    account: '123456789012',
    region: 'us-east-1',
    registerAsset: () => {},
    ssmParameter: () => undefined,
    valuesOfType: () => undefined,
    until: untilRun(kernel),
    resources: {},
    updaters: {},
    deleters: {},
  };
}
