import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import type { Owner, LedgerState, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { weighIntent, type Choices } from '../../../functions/rollout/weigh-intent.ts';

const HELD = 'A person chose another image: pushes are held until rollouts release.';

const UNDER_WAY = "A push lets ECS's deployment end first, which is under way; rollouts start does not wait.";

/** What a rollout that started now would decide about an image. */
export interface Decision {
  readonly word: 'roll' | 'busy' | 'nothing' | 'held';
  /** CamelCase, as in the history. */
  readonly reason: string;
  readonly message: string;
  /** Whether a rollout of ours proved what runs; else its tasks may show the image already, and nothing is rolled. */
  readonly isProven: boolean;
}

/** The image that is compared, and what the service runs. */
interface Compared {
  readonly image: SelectedImage;
  /** The tag by which a person names the image; absent for what the tag policy selects. */
  readonly tag: string | undefined;
  /** ARN of the revision of the PRIMARY deployment. */
  readonly from: string;
  /** Whether ECS deploys that revision for somebody else, which a push lets finish. */
  readonly isLetFinish: boolean;
}

/** Weighs the image as the flow itself would: a name lifts a quarantine and passes by a pin, a push does neither. */
export function weighNext(ledger: LedgerState, compared: Compared, config: RolloutConfig): Decision {
  const { from, tag } = compared;
  const running = ledger.verified.find(({ taskDefinition }) => taskDefinition === from);
  const isProven = running !== undefined;
  const choices = { onService: from, running };
  const besides = ledger.owner && besideOwner(ledger.owner, compared);
  const weighed = tag === undefined ? weighPush : weighName;
  return { ...(besides ?? weighed(ledger, compared, choices, config)), isProven };
}

type Weighed = Omit<Decision, 'isProven'>;

/** As the flow answers while a rollout holds the service: only a push of the very image that it rolls does not wait. */
function besideOwner({ rolloutId, purpose, image }: Owner, compared: Compared): Weighed {
  if (compared.tag === undefined && purpose === 'roll' && image.digest === compared.image.digest)
    return { word: 'nothing', reason: 'AlreadyRolling', message: `Rollout ${rolloutId} is rolling it.` };
  return { word: 'busy', reason: 'ServiceBusy', message: `Rollout ${rolloutId} holds the service.` };
}

function weighName(ledger: LedgerState, { image, tag }: Compared, choices: Choices, config: RolloutConfig): Weighed {
  const person = { kind: 'person', ...(tag !== undefined && { tag }) } as const;
  const { word, reason, message } = weighIntent(ledger, person, { ...choices, named: image }, config);
  return { word: word === 'roll' ? 'roll' : 'nothing', reason, message };
}

function weighPush(
  ledger: LedgerState,
  { image, isLetFinish }: Compared,
  choices: Choices,
  config: RolloutConfig,
): Weighed {
  const weighed = weighIntent(ledger, { kind: 'person' }, { ...choices, selected: image }, config);
  const { word, reason, message } = weighed;
  if (word !== 'roll') return { word: word === 'held' ? 'held' : 'nothing', reason, message };
  if (ledger.pin) return { word: 'held', reason: 'Pinned', message: HELD };
  return isLetFinish ? { word, reason: 'DeploymentUnderWay', message: UNDER_WAY } : { word, reason, message };
}
