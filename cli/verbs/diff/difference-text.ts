import { revisionName } from '../../../functions/rollout/identifiers.ts';
import type { SelectedImage } from '../../../functions/rollout/ledger.ts';
import { labelledLines, shortDigest } from '../../terminal/layout.ts';
import { imageText } from '../history/records.ts';
import type { Decision } from './weigh-next.ts';

/** What the next rollout would change, and whether it would. */
export interface Difference {
  /** ARN of the revision that the service is on. */
  readonly from: string;
  readonly image: SelectedImage;
  readonly decision: Decision;
  readonly containers: readonly { readonly name: string; readonly before: string; readonly after: string }[];
  /** Paths of the members that would change. */
  readonly changes: readonly string[];
}

const ALL_ELSE = 'all else stays as it is';
const ONLY_TAG = 'every member would be registered as it is, but for the rollout’s tag';

/** The lines of `rollouts diff`; `service` as in the ledger. */
export function differenceLines(difference: Difference, service: string): string[] {
  const { from, containers } = difference;
  const images = containers.flatMap(({ name, before, after }) =>
    before === after
      ? [`${name}: ${shown(before)}, unchanged`]
      : [`${name}: ${shown(before)}`, `  becomes ${shown(after)}`],
  );
  return labelledLines([
    ['Service', [`${service} on ${revisionName(from)}`]],
    ['Would roll', decisionTexts(difference)],
    ['Images', images],
    ['Changes', changeTexts(difference)],
  ]);
}

function decisionTexts({ image, decision: { word, reason, message, isProven } }: Difference): string[] {
  const unproven = 'what runs was proven by no rollout: if its tasks show this image, nothing is rolled';
  if (reason === 'DeploymentUnderWay') return [imageText(image), message];
  if (word === 'roll') return [imageText(image), ...(isProven ? [] : [unproven])];
  if (word === 'busy') return [`nothing now: ${imageText(image)}`, `${message} What waits is weighed once it ended.`];
  if (reason === 'AlreadyRolling')
    return [`nothing: ${imageText(image)} is being rolled`, `${message} See: rollouts watch`];
  if (reason === 'AlreadyRunning') return [`nothing: ${imageText(image)} runs already`];
  if (reason === 'Pinned') return [`nothing now: ${imageText(image)}`, 'held until rollouts release'];
  const why = reason === 'Quarantined' ? 'held: quarantined' : reason;
  return [`nothing: ${imageText(image)} is ${why}`, shortDigest(message)];
}

function changeTexts({ changes, decision: { word } }: Difference): string[] {
  if (word === 'nothing') return ['none: nothing would be registered'];
  const when = word === 'held' || word === 'busy' ? ['once it is rolled; nothing is registered before'] : [];
  return changes.length === 0 ? [ONLY_TAG, ...when] : [...changes, ALL_ELSE, ...when];
}

/** The repository's host is the account's own, and long. */
function shown(image: string): string {
  return shortDigest(image.replace(/^\d{12}\.dkr\.ecr\.[^/]+\//, ''));
}
