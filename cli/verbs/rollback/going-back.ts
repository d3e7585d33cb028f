import { chooseRollback } from '../../../functions/rollout/choose-rollback.ts';
import { KEEP_TAG_PREFIX } from '../../../functions/rollout/config.ts';
import type { PersonsRequest } from '../../../functions/rollout/intent.ts';
import type { LedgerState, ProvenRevision } from '../../../functions/rollout/ledger.ts';
import type { RegistryImage } from '../../../functions/rollout/select-image.ts';
import { primaryOf } from '../../../functions/rollout/service-facts.ts';
import { findImages } from '../../../functions/aws/registry.ts';
import { alignedColumns } from '../../../timeline/aligned-columns.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { AwsFailure } from '../../account/failures.ts';
import { describeService } from '../../account/running-service.ts';
import { shortDigest } from '../../terminal/layout.ts';
import { age } from '../../terminal/moments.ts';
import { newestImages } from '../start/newest-images.ts';

/** Images beside the proven ones that are listed. */
const OTHERS_SHOWN = 5;
/** Tags of one image that are shown. */
const TAGS_SHOWN = 2;

/** What the flow would say, with what is left to be named instead. */
interface NoWayBack {
  readonly sentence: string;
  /** The revision of the PRIMARY deployment; undefined where nothing runs. */
  readonly onService: string | undefined;
}

/**
 * Throws where there is nothing to go back to, and lists what could be named: the flow would only reject it, and announce that.
 * While a rollout holds the service, what is proven may change before this one's turn: then the flow decides.
 */
export async function checkGoingBack(
  cell: DeployedCell,
  ledger: LedgerState,
  request: PersonsRequest,
  now: number,
): Promise<void> {
  if (ledger.owner) return;
  const onService = primaryOf(await describeService(cell))?.taskDefinition;
  const choice = chooseRollback(ledger, request, { onService });
  if (!('word' in choice) || choice.word !== 'rejected') return;
  const named = request.rollback === true ? undefined : request.rollback?.to;
  const sentence =
    named === undefined
      ? 'there is nothing older that is proven, so there is nothing to go back to.'
      : `${shortDigest(named)} was never proven here, so rollback does not go back to it.`;
  throw new AwsFailure((await noWayBackLines(cell, ledger, { sentence, onService }, now)).join('\n'), false, undefined);
}

async function noWayBackLines(
  cell: DeployedCell,
  ledger: LedgerState,
  { sentence, onService }: NoWayBack,
  now: number,
): Promise<string[]> {
  const { clients, config } = cell;
  const proven = nameable(ledger);
  const [found, newest] = await Promise.all([
    findImages(
      clients.ecr,
      config.repository,
      proven.map(({ digest }) => digest),
    ),
    newestImages(cell),
  ]);
  const rows = proven.map((revision) => {
    const image = found.find(({ digest }) => digest === revision.digest);
    return provenRow(revision, image, { ledger, onService, now });
  });
  const others = newest.filter(({ digest }) => !proven.some((revision) => revision.digest === digest));
  return [
    sentence,
    ...(rows.length > 0
      ? ['Proven here, for rollouts rollback --to DIGEST:', ...indented(rows)]
      : ['No image is proven here yet.']),
    ...(others.length > 0
      ? [
          `Not proven, in ${config.repository}, for rollouts start --digest DIGEST:`,
          ...indented(others.slice(0, OTHERS_SHOWN).map((image) => otherRow(image, now))),
          ...(others.length > OTHERS_SHOWN ? [`  and ${others.length - OTHERS_SHOWN} more`] : []),
        ]
      : []),
  ];
}

type Nameable = ProvenRevision & { readonly digest: NonNullable<ProvenRevision['digest']> };

/** Each proven image once, as it was proven last. */
function nameable({ verified }: LedgerState): Nameable[] {
  const pinned = verified.filter((revision): revision is Nameable => revision.digest !== undefined);
  return pinned.filter(({ digest }, index) => pinned.findIndex((each) => each.digest === digest) === index);
}

interface Surroundings {
  readonly ledger: LedgerState;
  readonly onService: string | undefined;
  readonly now: number;
}

function provenRow(
  revision: Nameable,
  image: RegistryImage | undefined,
  { ledger, onService, now }: Surroundings,
): string[] {
  const { digest, at } = revision;
  return [
    shortDigest(digest),
    tagsOf(image),
    `proven ${age(at, now)}${remarkOf(revision, image, { ledger, onService })}`,
  ];
}

/** Why it is not gone back to unless it is named, or cannot be. */
function remarkOf(
  { digest, rolledBackBy }: Nameable,
  image: RegistryImage | undefined,
  { ledger, onService }: Omit<Surroundings, 'now'>,
): string {
  const isRunning = ledger.verified.some((each) => each.digest === digest && each.taskDefinition === onService);
  if (isRunning) return ', runs now';
  if (!image) return ', gone from ECR';
  if (ledger.quarantine.some((entry) => entry.digest === digest)) return ', quarantined';
  return rolledBackBy === undefined ? '' : ', left by a rollback';
}

function otherRow(image: RegistryImage, now: number): string[] {
  return [shortDigest(image.digest), tagsOf(image), `pushed ${age(image.pushedAt, now)}`];
}

function tagsOf(image: RegistryImage | undefined): string {
  const tags = (image?.tags ?? []).filter((tag) => !tag.startsWith(KEEP_TAG_PREFIX));
  return tags.length === 0 ? '-' : tags.slice(0, TAGS_SHOWN).join(', ');
}

function indented(rows: readonly (readonly string[])[]): string[] {
  return alignedColumns(rows).map((line) => `  ${line}`);
}
