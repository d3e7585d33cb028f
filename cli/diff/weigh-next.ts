import type { RolloutConfig } from '../../functions/rollout/config.ts';
import type { LedgerState, SelectedImage } from '../../functions/rollout/ledger.ts';
import { weighIntent } from '../../functions/rollout/weigh-intent.ts';

const HELD = 'A person chose another image: pushes are held until rollouts release.';

/** What a rollout that started now would decide about an image. */
export interface Decision {
  readonly word: 'roll' | 'nothing' | 'held';
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
}

/** Weighs the image as the flow itself would: a name lifts a quarantine and passes by a hold, a push does neither. */
export function weighNext(ledger: LedgerState, { image, tag, from }: Compared, config: RolloutConfig): Decision {
  const running = ledger.verified.find(({ taskDefinition }) => taskDefinition === from);
  const choices = { onService: from, ...(running && { running }) };
  const isProven = running !== undefined;
  if (tag !== undefined) {
    const { word, reason, message } = weighIntent(
      ledger,
      { kind: 'person', tag },
      { ...choices, named: image },
      config,
    );
    return { word: word === 'roll' ? 'roll' : 'nothing', reason, message, isProven };
  }
  const { word, reason, message } = weighIntent(ledger, { kind: 'person' }, { ...choices, selected: image }, config);
  if (word === 'roll' && ledger.hold) return { word: 'held', reason: 'PersonsHold', message: HELD, isProven };
  const told = word === 'roll' || word === 'held' ? word : 'nothing';
  return { word: told, reason, message, isProven };
}
