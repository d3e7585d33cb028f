import type { Intent, PersonsRequest } from './intent.ts';
import type { LedgerState, NeedsSomeone, RolloutRecord } from './ledger.ts';

type Needing = Pick<LedgerState, 'needsSomeone'>;
type AcknowledgingRequest = PersonsRequest & Required<Pick<PersonsRequest, 'acknowledge'>>;

/** Whether someone has to look at the service, and nobody has said that they did. */
export function isNeeded({ needsSomeone }: Needing): boolean {
  return needsSomeone !== undefined && needsSomeone.acknowledged === undefined;
}

/** Whether a request rolls nothing, and only says that someone looks at the service. */
export function isAcknowledgement(request: PersonsRequest | undefined): request is AcknowledgingRequest {
  return request?.acknowledge !== undefined;
}

/** As {@link isAcknowledgement}, of what an execution was started for. */
export function acknowledges<I extends Pick<Intent, 'kind'>>(intent: I): intent is I & AcknowledgingRequest {
  return intent.kind === 'person' && isAcknowledgement(intent as PersonsRequest);
}

/** What an acknowledgement comes to that was asked for at `askedAt`; what came after that, nobody has seen yet. */
export function weighAcknowledgement(
  state: Needing,
  { acknowledge: { by } }: AcknowledgingRequest,
  askedAt: number,
): { readonly word: 'nothing'; readonly reason: string; readonly message: string } {
  const { needsSomeone } = state;
  if (isAcknowledged(state, askedAt)) {
    const { outcome, rolloutId } = needsSomeone!;
    return {
      word: 'nothing',
      reason: 'Acknowledged',
      message: `${by} acknowledges ${outcome} of rollout ${rolloutId}.`,
    };
  }
  const before = needsSomeone?.acknowledged;
  const message = before ? `${before.by} acknowledged it before.` : 'Nothing asks for anybody.';
  return { word: 'nothing', reason: 'NothingToAcknowledge', message };
}

/** The ledger after an acknowledgement; the need stays known until something proven runs. */
export function acknowledged<State extends Needing>(
  state: State,
  { acknowledge: { by }, reason = '' }: AcknowledgingRequest,
  { startedAt, endedAt: at }: Pick<RolloutRecord, 'startedAt' | 'endedAt'>,
): State {
  if (!isAcknowledged(state, startedAt)) return state;
  const needsSomeone: NeedsSomeone = { ...state.needsSomeone!, acknowledged: { by, at, reason } };
  return { ...state, needsSomeone };
}

function isAcknowledged(state: Needing, askedAt: number): boolean {
  return isNeeded(state) && state.needsSomeone!.since <= askedAt;
}
