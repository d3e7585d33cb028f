import { expect, it } from 'vitest';
import { partitionOf } from '../../../cli/verbs/init/partition.ts';

it.each([
  ['eu-central-1', 'aws'],
  ['cn-northwest-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-isob-east-1', 'aws-iso-b'],
])('%s is of %s', (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
});
