import { revisionName } from '../../../functions/rollout/identifiers.ts';
import type { SelectedImage } from '../../../functions/rollout/ledger.ts';
import { labelledLines, shortDigest } from '../../terminal/layout.ts';
import type { Answer } from './foresee.ts';
import { imageText } from '../history/records.ts';

/** What the next rollout would change, and whether it would. */
export interface Difference {
  /** ARN of the revision that the service is on; undefined when ECS has no such service, or deploys nothing there. */
  readonly from: string | undefined;
  readonly image: SelectedImage;
  /** What would become of a push of the image. */
  readonly push: Answer;
  /** What would become of it if a person started it. */
  readonly start: Answer;
  /** The one of the two that was asked for. */
  readonly decision: Answer;
  readonly containers: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  /** What Preflight would say of the roll beside letting it go, a sentence each. */
  readonly cautions: readonly string[];
  /** Paths of the members that would change. */
  readonly changes: readonly string[];
}

const ALL_ELSE = 'all else stays as it is';
const ONLY_TAG = 'every member would be registered as it is, but for the rollout’s tag';

/** The lines of `rollouts diff`; `service` as in the ledger. */
export function differenceLines(difference: Difference, service: string): string[] {
  const { from, containers, cautions } = difference;
  const images = containers.flatMap(({ name, before, after }) =>
    before === after
      ? [`${name}: ${shown(before)}, unchanged`]
      : [`${name}: ${shown(before)}`, `  becomes ${shown(after)}`],
  );
  return labelledLines([
    ['Service', [from === undefined ? `${service}, on no revision` : `${service} on ${revisionName(from)}`]],
    ['Would roll', [...decisionTexts(difference), ...otherWay(difference)].map(shortDigest)],
    ...(images.length > 0 ? ([['Images', images]] as const) : []),
    ...(cautions.length > 0 ? ([['Cautions', cautions.map(shortDigest)]] as const) : []),
    ['Changes', changeTexts(difference)],
  ]);
}

function decisionTexts({ image, start, decision: { word, reason, message } }: Difference): string[] {
  const name = imageText(image);
  // Whatever else there is to say of it: a push of it may be dealt with, or be held, besides.
  if (start.reason === 'AlreadyRunning') return [`nothing: ${name} runs already`];
  switch (word) {
    case 'roll':
      return [name];
    case 'let-finish':
      return [name, message];
    case 'busy':
      return [`nothing now: ${name}`, `${message} What waits is weighed once it ended.`];
    case 'recover':
      return [`nothing now: ${name}`, message];
    case 'held':
      if (reason === 'Pinned') return [`nothing now: ${name}`, 'held until rollouts release'];
      return [`nothing: ${name} is held: quarantined`, message];
    case 'rejected':
      return [`nothing: ${name} would be rejected`, message];
    case 'stale':
      return [`nothing: ${name}`, message];
    case 'nothing':
      if (reason === 'AlreadyRolling') return [`nothing: ${name} is being rolled`, `${message} See: rollouts watch`];
      return [`nothing: ${name}`, message];
  }
}

/** Whether the image would be rolled, or would not, if it came the other way. */
function otherWay({ decision, push, start }: Difference): string[] {
  if (decision === push) {
    if (push.word === start.word) return [];
    if (start.word === 'roll') return ['rollouts start would roll it now'];
    return start.word === 'rejected' ? [`rollouts start would be rejected: ${start.message}`] : [];
  }
  // A push is what lifts a quarantine.
  if (start.word !== 'roll' || push.word === 'roll' || push.reason === 'Quarantined') return [];
  return [`by hand only; a push of it would not roll: ${push.message}`];
}

function changeTexts({ changes, decision: { word } }: Difference): string[] {
  if (word === 'nothing' || word === 'stale' || word === 'rejected') return ['none: nothing would be registered'];
  const when = word === 'roll' || word === 'let-finish' ? [] : ['once it is rolled; nothing is registered before'];
  return changes.length === 0 ? [ONLY_TAG, ...when] : [...changes, ALL_ELSE, ...when];
}

/** The repository's host is the account's own, and long. */
function shown(image: string): string {
  return shortDigest(image.replace(/^\d{12}\.dkr\.ecr\.[^/]+\//, ''));
}
