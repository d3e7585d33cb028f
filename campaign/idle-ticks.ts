import type { PutItemInput } from '@aws-sdk/client-dynamodb';
import type { EventsState } from '../region/events/model.ts';
import { isRead } from '../region/faults/past.ts';
import type { AppliedCall } from '../region/wire/dispatcher.ts';
import type { World } from '../rehearsal/world.ts';

/** So that what waits for its time, and of which no record tells, is seen late by less than half an hour: as if EventBridge had lost some ticks. */
const SKIPPED_IN_A_ROW_MAX = 5;

/**
 * Skips ticks that would change nothing: since before the last one that ran, no rollout ran, nothing was written over any API, and
 * nothing happened in AWS that it tells of by an event, so this one would read the same. One that comes when another try is due, of
 * an image or of what could not be put back, is not idle. The answer lets all run again.
 */
export async function skipIdleTicks(world: World): Promise<() => void> {
  const { region } = world;
  const { events, kernel } = region;
  let changedAt = kernel.now;
  let ranAt = -Infinity;
  let skipped = 0;
  const { retry, unsettled } = (await world.ledgerState()) ?? {};
  const promised = [retry, unsettled].flatMap((promise) => promise?.dueAt ?? []);
  const changed = (): void => void (changedAt = kernel.now);
  const endings = [
    region.onApplied(({ operation }) => !isReadOnly(operation) && changed()),
    region.onApplied((call) => promised.push(...promisedIn(call))),
    events.onEvent(changed),
    () => events.setDelivery(() => 'once'),
  ];
  events.setDelivery(({ 'detail-type': type }, ruleName) => {
    if (type !== 'Scheduled Event') return 'once';
    const isDue = promised.some((at) => at > ranAt && at <= kernel.now);
    const isIdle = !world.isRolling() && !isDue && changedAt < ranAt && skipped < SKIPPED_IN_A_ROW_MAX;
    if (isIdle) {
      skipped++;
      recordRuns(world, ruleName);
      return 'never';
    }
    skipped = 0;
    ranAt = kernel.now;
    return 'once';
  });
  return () => {
    for (const end of endings) end();
  };
}

function isReadOnly(operation: string): boolean {
  return isRead(operation) || operation === 'Query' || operation === 'Scan';
}

/** When the ledger that is written has something tried again. */
function promisedIn({ service, operation, input }: AppliedCall): number[] {
  if (service !== 'dynamodb' || operation !== 'PutItem') return [];
  const { retry, unsettled } = (input as PutItemInput).Item ?? {};
  return [retry, unsettled].flatMap((promise) => {
    const dueAt = promise?.M?.['dueAt']?.N;
    return dueAt === undefined ? [] : Number(dueAt);
  });
}

/** What alarms count of the functions that the rule would have invoked. */
function recordRuns({ region }: World, ruleName: string): void {
  for (const { arn } of (region.events.state as EventsState).rules.get(ruleName)!.targets) {
    const dimensions = { FunctionName: arn.slice(arn.lastIndexOf(':') + 1) };
    region.cloudwatch.recordMetric('AWS/Lambda', 'Invocations', dimensions, 1);
    region.cloudwatch.recordMetric('AWS/Lambda', 'Errors', dimensions, 0);
  }
}
