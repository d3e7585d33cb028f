import { expect, it } from 'vitest';
import { keepIdle, isIdleNoMore } from '../../../region/lambda/idle-instances.ts';
import type { Instance } from '../../../region/lambda/instance.ts';
import type { Functions, LambdaFunction } from '../../../region/lambda/model.ts';

const target = { arn: 'arn:one' } as LambdaFunction;

/** So many instances of one function, and which of them were retired. */
function instances(count: number) {
  const retired: number[] = [];
  const all = Array.from({ length: count }, (_, index) => ({ retire: () => void retired.push(index) }) as Instance);
  const functions = { idle: new Map(), instances: new Map([[target.arn, new Set(all)]]) } as unknown as Functions;
  return { all, functions, retired };
}

it('of more than six hundred idle instances goes the one that has waited longest', () => {
  const { all, functions, retired } = instances(602);
  for (const instance of all.slice(0, 600)) keepIdle(functions, target, instance);
  expect(retired).toEqual([]);
  // The first one had another invocation since.
  isIdleNoMore(functions, all[0]!);
  keepIdle(functions, target, all[0]!);
  keepIdle(functions, target, all[600]!);
  keepIdle(functions, target, all[601]!);
  expect(retired).toEqual([1, 2]);
  expect(functions.instances.get(target.arn)).not.toContain(all[1]);
  expect(functions.instances.get(target.arn)).toContain(all[0]);
});

it('an instance that runs is not reclaimed', () => {
  const { all, functions, retired } = instances(601);
  keepIdle(functions, target, all[0]!);
  isIdleNoMore(functions, all[0]!);
  for (const instance of all.slice(1)) keepIdle(functions, target, instance);
  expect(retired).toEqual([]);
});
