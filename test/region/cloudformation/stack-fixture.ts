import type { Stack } from '../../../region/cloudformation/deploy-stack.ts';

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
