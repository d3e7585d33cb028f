import { chooseRollback } from './choose-rollback.ts';
import type { RolloutConfig } from './config.ts';
import type { Intent, PersonsRequest } from './intent.ts';
import type { LedgerState, PersonsChoice, ProvenRevision, QuarantinedDigest, SelectedImage } from './ledger.ts';
import { plainText } from './identifiers.ts';
import { isImageType } from './media-types.ts';
import { asksForSelection } from './pin.ts';
import { isCandidateTag, isOlder } from './select-image.ts';

/** What an intent asks for, weighed against what is known; the lease is another matter. */
export type Weighed = {
  readonly reason: string;
  readonly message: string;
  /** Undefined for pushes and the tick, and where a person's choice comes to nothing. */
  readonly choice?: PersonsChoice | undefined;
} & (
  | { readonly word: 'roll'; readonly image: SelectedImage }
  | { readonly word: 'nothing' | 'stale' | 'held' | 'rejected'; readonly image?: SelectedImage | undefined }
);

/** The images that matter to an intent. */
export interface Choices {
  /** What the tag policy selects now. */
  readonly selected?: SelectedImage | undefined;
  /** What a person named, when ECR has it. */
  readonly named?: SelectedImage | undefined;
  /** What is proven to run now. */
  readonly running?: ProvenRevision | undefined;
  /** The task definition revision that the service runs, proven or not. */
  readonly onService?: string | undefined;
  /** When the deployment that runs began, milliseconds since the epoch. */
  readonly runningSince?: number | undefined;
  /** When the image that was seen last was pushed to ECR, milliseconds since the epoch; undefined when it is gone. */
  readonly seenPushedAt?: number | undefined;
  /** When the execution was started, milliseconds since the epoch; it may have waited for its turn since. */
  readonly askedAt?: number | undefined;
  /** Whether nothing runs because no image was ever there: a first look finds nothing to leave alone. */
  readonly isEmpty?: boolean;
  /** The image that the tick is to bring back, because the service was emptied behind it. */
  readonly owed?: SelectedImage | undefined;
}

/** Decides whether there is something to roll. */
export function weighIntent(state: LedgerState, intent: Intent, choices: Choices, config: RolloutConfig): Weighed {
  return intent.kind === 'person'
    ? weighChoice(state, intent, choices)
    : weighSelection(state, intent, choices, config);
}

/** A person may choose anything that exists; only naming an image or force lifts its quarantine, only force rolls what runs already. */
function weighChoice(state: LedgerState, intent: Extract<Intent, { kind: 'person' }>, choices: Choices): Weighed {
  const chosen = intent.rollback ? chooseRollback(state, intent, choices) : chooseImage(intent, choices);
  if ('word' in chosen) return chosen;
  const { image, leaves } = chosen;
  const { selected, running } = choices;
  const choice: PersonsChoice = { pins: image.digest !== selected?.digest, leaves };
  const roll = { word: 'roll', image, choice } as const;
  if (intent.force) return { ...roll, reason: 'Forced', message: `A person forced ${label(image)}.` };
  if (runs(running, image)) return { ...nothing('AlreadyRunning', `${image.digest} runs already.`, image), choice };
  const quarantined = asksForSelection(intent) ? quarantineOf(state, image) : undefined;
  if (quarantined) return { ...heldByQuarantine(quarantined, image), choice };
  if (intent.rollback) return { ...roll, reason: 'PersonsRollback', message: `A person goes back to ${label(image)}.` };
  return { ...roll, reason: 'PersonsChoice', message: `A person chose ${label(image)}.` };
}

function chooseImage(
  intent: PersonsRequest,
  { selected, named }: Choices,
): Weighed | { readonly image: SelectedImage; readonly leaves: undefined } {
  const image = asksForSelection(intent) ? selected : named;
  if (image) return { image, leaves: undefined };
  const what = intent.tag !== undefined ? `tagged ${intent.tag}` : (intent.digest ?? 'that the tag policy selects');
  return {
    word: 'rejected',
    reason: 'ImageNotFound',
    message: `ECR has no image ${what}: push it first, or name another one.`,
  };
}

/** What a push means that is never rolled: one of a tag that the policy never selects, or of something that is no image. */
export function neverRolled(intent: Intent, { tagPolicy }: Pick<RolloutConfig, 'tagPolicy'>): Weighed | undefined {
  if (intent.kind !== 'push') return undefined;
  const { tag, artifactMediaType } = intent;
  if (!isCandidateTag(tag, tagPolicy))
    return nothing('TagNotSelected', `The tag policy does not select ${tag}.`, undefined);
  if (isImageType(artifactMediaType)) return undefined;
  return nothing('NotAnImage', `${tag} is no container image but ${plainText(artifactMediaType!, 100)}.`, undefined);
}

function weighSelection(
  state: LedgerState,
  intent: Exclude<Intent, { kind: 'person' }>,
  choices: Choices,
  config: RolloutConfig,
): Weighed {
  const { selected: image, owed } = choices;
  const { seen } = state;
  if (intent.kind === 'tick' && owed) {
    const message = `The service is as it was provisioned: ${owed.digest}, which was proven last, is launched again.`;
    return { word: 'roll', reason: 'ServiceEmptied', message, image: owed };
  }
  const never = neverRolled(intent, config);
  if (never) return never;
  if (!image && intent.kind === 'tick')
    return nothing('NothingSelected', 'The tag policy selects no image of the repository.', undefined);
  if (!image) return stale('NothingSelected', 'The tag policy selects no image of the repository any more.');
  if (seen && isOlder(image, seen, config.tagPolicy, isReported(intent)))
    return olderThanSeen(intent, image, seen, choices, config);
  const current = intent.kind === 'tick' ? selectedAfter(seen, image) : image;
  return weighKnown(state, intent, current, choices) ?? weighNew(intent, current, choices.running);
}

/** A tag that was moved to an image which had been pushed before: ECR has no time for that, but it was after what was seen. */
function selectedAfter(seen: SelectedImage | undefined, image: SelectedImage): SelectedImage {
  return { ...image, selectedAt: Math.max(image.selectedAt, seen?.selectedAt ?? 0) };
}

/** True for a push that EventBridge reported, as far as can be told. */
function isReported(intent: Intent): intent is Push {
  return intent.kind === 'push' && !intent.isReplayed;
}

/** A step back is for a person; a push that ECR got later than what was seen is none, and is not left without a word. */
function olderThanSeen(
  intent: Exclude<Intent, { kind: 'person' }>,
  image: SelectedImage,
  seen: SelectedImage,
  { seenPushedAt }: Choices,
  { tagPolicy }: Pick<RolloutConfig, 'tagPolicy'>,
): Weighed {
  const reason = 'OlderThanSeen';
  const isNewerInEcr = seenPushedAt !== undefined && image.selectedAt > seenPushedAt;
  if (isReported(intent) && intent.digest === image.digest && isNewerInEcr) {
    const times = `${label(image)} was pushed at ${utc(image.selectedAt)}, but ${label(seen)} was seen as of ${utc(seen.selectedAt)}`;
    const why = tagPolicy.kind === 'semver' ? 'and is the higher version' : 'so that it counts as older';
    return held(reason, `${times}, ${why}. To roll it: rollouts start, or start with {}.`, image);
  }
  const message = `${label(image)} is older than ${label(seen)}, which was seen before: going back takes a person.`;
  return stale(reason, message);
}

function utc(at: number): string {
  return new Date(at).toISOString();
}

/** What the ledger alone decides: pins, quarantine, and selections that were dealt with before. */
function weighKnown(
  state: LedgerState,
  intent: Exclude<Intent, { kind: 'person' }>,
  image: SelectedImage,
  choices: Choices,
): Weighed | undefined {
  const quarantined = quarantineOf(state, image);
  const asksAgain = isReported(intent) && intent.digest === image.digest && intent.at > (quarantined?.since ?? 0);
  if (quarantined && !asksAgain) return heldByQuarantine(quarantined, image);
  if (state.pin)
    return held(
      'Pinned',
      `${label(image)} waits: rollout ${state.pin.rolloutId} was a person's choice. To follow pushes again: rollouts release, or start with {}.`,
      image,
    );
  const { seen } = state;
  if (!seen && wasThere(state, intent, image, choices))
    return nothing('FirstLook', `${label(image)} is what was there when the first look was taken.`, image);
  if (intent.kind === 'tick' && state.retry?.image.digest === image.digest) return undefined;
  const isSeen = seen?.digest === image.digest && (intent.kind === 'tick' || image.selectedAt <= seen.selectedAt);
  if (!isSeen || isOnlyLookedAt(state, intent, image, choices)) return undefined;
  return isLate(intent, image)
    ? overtaken(intent, image)
    : nothing('AlreadySeen', `${label(image)} was dealt with before.`, image);
}

/** Whether nobody has just pushed what is selected: a service may run something older on purpose, and looking changes nothing. */
function wasThere(
  { firstLook }: LedgerState,
  intent: Exclude<Intent, { kind: 'person' }>,
  image: SelectedImage,
  { isEmpty }: Choices,
): boolean {
  if (isEmpty) return false;
  if (firstLook && image.selectedAt > firstLook.at) return false;
  return intent.kind === 'tick' || (isLate(intent, image) && image.selectedAt < intent.at);
}

/** Whether a push names what a look remembered before its event came: it is news after that look, or to what runs. */
function isOnlyLookedAt(
  { firstLook }: LedgerState,
  intent: Intent,
  image: SelectedImage,
  { runningSince = Infinity }: Choices,
): boolean {
  if (!isReported(intent) || intent.digest !== image.digest || firstLook?.digest !== image.digest) return false;
  return image.selectedAt >= Math.min(firstLook.at, runningSince);
}

function weighNew(
  intent: Exclude<Intent, { kind: 'person' }>,
  image: SelectedImage,
  running: ProvenRevision | undefined,
): Weighed {
  if (!runs(running, image))
    return { word: 'roll', reason: 'Selected', message: `The tag policy selects ${label(image)}.`, image };
  if (isLate(intent, image)) return overtaken(intent, image);
  return nothing('AlreadyRunning', `${label(image)} runs already.`, image);
}

type Push = Extract<Intent, { kind: 'push' }>;

/** True for a push whose image is not what is selected by now. */
function isLate(intent: Intent, image: SelectedImage): intent is Push {
  return intent.kind === 'push' && intent.digest !== image.digest;
}

function overtaken(push: Push, image: SelectedImage): Weighed {
  return stale('OvertakenByNewer', `${push.tag} was pushed as ${push.digest}, but ${label(image)} is selected by now.`);
}

function quarantineOf(state: LedgerState, image: SelectedImage): QuarantinedDigest | undefined {
  return state.quarantine.find((entry) => entry.digest === image.digest);
}

function heldByQuarantine({ rolloutId, reason }: QuarantinedDigest, image: SelectedImage): Weighed {
  return held(
    'Quarantined',
    `${label(image)} failed in rollout ${rolloutId} (${reason}): push it again, or name it with rollouts start --digest, or with { "image": … } as input.`,
    image,
  );
}

function runs(running: ProvenRevision | undefined, image: SelectedImage): boolean {
  return running !== undefined && (running.digest === image.digest || running.imageDigests.includes(image.digest));
}

function nothing(reason: string, message: string, image: SelectedImage | undefined): Weighed {
  return { word: 'nothing', reason, message, image };
}

function held(reason: string, message: string, image: SelectedImage): Weighed {
  return { word: 'held', reason, message, image };
}

function stale(reason: string, message: string): Weighed {
  return { word: 'stale', reason, message };
}

/** `tag (sha256:0123456789ab)`: enough for a person to recognise an image. */
function label(image: SelectedImage): string {
  return image.tag === undefined ? image.digest : `${image.tag} (${image.digest.slice(0, 19)})`;
}
