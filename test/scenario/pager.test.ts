import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { CellMessage } from '../../rehearsal/cell/cell-messages.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const PAGER = 'https://pager.example/integration';

/** Parses the filter of the subscription that the guide tells of: members of the message's body, and their values. */
function toldFilter(): [member: string, values: readonly unknown[]][] {
  const [, attributes] = /--attributes '(.+)'/.exec(readFileSync('docs/monitoring.md', 'utf8'))!;
  const { FilterPolicyScope, FilterPolicy } = JSON.parse(attributes!) as Record<string, string>;
  expect(FilterPolicyScope).toBe('MessageBody');
  return Object.entries(JSON.parse(FilterPolicy!) as Record<string, readonly unknown[]>);
}

/** Subjects of the messages that a subscriber over HTTPS gets and the filter lets through. */
function paged(told: readonly CellMessage[]): string[] {
  const filter = toldFilter();
  return told.flatMap(({ subject, deliveries }) => {
    const { body } = deliveries.find(({ protocol }) => protocol === 'https')!;
    const members = JSON.parse(body) as Record<string, unknown>;
    return filter.every(([member, values]) => values.includes(members[member])) ? [subject!] : [];
  });
}

it('pages for alarms and for no outcome, with the subscription that the guide tells of', async () => {
  const world = await setting()();
  const { TopicArn } = world.cell.outputs;
  // Raw, so that what is delivered is what the filter sees.
  const Attributes = { RawMessageDelivery: 'true' };
  await operate(world.region, 'sns', 'Subscribe', { TopicArn, Protocol: 'https', Endpoint: PAGER, Attributes });
  const told: CellMessage[] = [];
  world.onMessage((message) => told.push(message));
  await proveAnImage(world);
  await world.push({ behaviour: 'crash', afterSeconds: 5 });
  await world.untilIdle();
  expect(told.map(({ subject }) => subject)).toContain('ROLLED_BACK: prod/api');
  expect(paged(told)).toEqual([]);

  // Nothing ticks in this world, of which an alarm tells.
  await world.advance(20 * 60);
  expect(paged(told)).toEqual([expect.stringMatching(/^ALARM: "rollouts-api-TickSilent" in /)]);
});
