import type { EventBridgeClient, SNSClient } from '../aws/client-kinds.ts';
import { logger } from '../aws/log.ts';
import { notifyStart, putEvent } from '../aws/publication.ts';
import type { Owed, StartedRollout } from '../rollout/ledger.ts';
import { startChangeOf } from '../rollout/state-change.ts';
import { patienceOf, type Patience } from './patience.ts';

/** Milliseconds for which a watch may begin later because somebody is told first: no event of ECS is lost meanwhile, a look follows. */
const WITHIN_MS = 1000;

/** What starts are told through. */
interface StartDoors {
  readonly events: EventBridgeClient;
  readonly sns: SNSClient;
  /** Undefined where no message is owed. */
  readonly topicArn: string | undefined;
}

/**
 * Sends what is owed of a rollout's start, and answers what was sent. It never fails and never takes long: a rollout does not
 * depend on who hears of it, and what was not sent is still owed.
 */
export async function tellStart(
  doors: StartDoors,
  started: StartedRollout,
  owed: readonly Owed[],
): Promise<readonly Owed[]> {
  if (owed.length === 0) return [];
  const patience = patienceOf(WITHIN_MS);
  const results = await Promise.allSettled(
    owed.map((each) => patience.within(TAKER[each], SEND[each](doors, started, patience))),
  );
  return owed.filter((each, index) => isSent(each, results[index]!));
}

const TAKER: Readonly<Record<Owed, string>> = { event: 'EventBridge', message: 'SNS' };

type Send = (doors: StartDoors, started: StartedRollout, patience: Pick<Patience, 'abortSignal'>) => Promise<void>;

const SEND: Readonly<Record<Owed, Send>> = {
  event: ({ events }, started, { abortSignal }) => putEvent(events, startChangeOf(started), { abortSignal }),
  message: ({ sns, topicArn = '' }, started, { abortSignal }) => notifyStart(sns, topicArn, started, { abortSignal }),
};

function isSent(what: Owed, result: PromiseSettledResult<void>): boolean {
  if (result.status === 'fulfilled') return true;
  const { name } = result.reason instanceof Error ? result.reason : new Error(String(result.reason));
  logger.warn('the start could not be told', { what, errorName: name });
  return false;
}
