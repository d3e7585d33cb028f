import { createHash } from 'node:crypto';
import type { Act, ActRequest, ActTold, Foreseen } from '../../../console/acts.ts';
import { readState } from '../../../functions/aws/ledger-table.ts';
import { findImages, readRepository } from '../../../functions/aws/registry.ts';
import { KEEP_TAG_PREFIX } from '../../../functions/rollout/config.ts';
import { asImageDigest, type ImageDigest } from '../../../functions/rollout/identifiers.ts';
import { isNeeded } from '../../../functions/rollout/acknowledge.ts';
import type { Intent } from '../../../functions/rollout/intent.ts';
import type { LedgerState, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { gatherFacts } from '../../../functions/steps/accept-facts.ts';
import { readPreflightFacts } from '../../../functions/steps/preflight-facts.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { AwsFailure } from '../../account/failures.ts';
import { UsageError, type Session } from '../../terminal/command.ts';
import { age } from '../../terminal/moments.ts';
import { abort } from '../abort.ts';
import { acknowledge } from '../acknowledge.ts';
import { compare } from '../diff.ts';
import { answerTo, cautionsAt, foresee, NO_ROLLOUT, planOf, type Answer, type SeenWorld } from '../diff/foresee.ts';
import { release } from '../release.ts';
import { rollback } from '../rollback.ts';
import { start } from '../start.ts';
import { readRunning, type Running } from '../status/standing.ts';

/** Words of AcceptIntent with which something happens. */
const HAPPENS = ['roll', 'busy', 'let-finish', 'recover'];

/** Acts that start a rollout. */
type StartingAct = Exclude<Act, 'abort' | 'acknowledge'>;

/** An image as a difference names it. */
type Named = NonNullable<Foreseen['to']>;

/** What is looked at before an act is foreseen. */
interface Before {
  readonly ledger: LedgerState;
  readonly running: Running | undefined;
  readonly now: number;
}

/** Says what an act would do now: as `diff` and the flow itself would answer; nothing is written. */
export async function foreseeAct(
  cell: DeployedCell,
  { act, digest: named }: ActRequest,
  now: number,
): Promise<Foreseen> {
  const digest = asImageDigest(named);
  const ledger = await readState(cell.ledger);
  const before = { ledger, running: await readRunning(cell, ledger), now };
  if (act === 'abort') return await foreseeAbort(cell, before);
  if (act === 'acknowledge') return foreseeAcknowledge(cell, before);
  const intent: Intent = {
    kind: 'person',
    ...(act === 'rollback' && { rollback: digest ? { to: digest } : true }),
    ...(act === 'start' && digest && { digest }),
  };
  const seen = await gatherFacts(cell.clients, ledger, intent, { rolloutId: NO_ROLLOUT, startedAt: now }, cell.config);
  return await foreseeStart(cell, act, before, seen, intent);
}

async function foreseeStart(
  cell: DeployedCell,
  act: StartingAct,
  before: Before,
  seen: SeenWorld,
  intent: Intent,
): Promise<Foreseen> {
  const { ledger, running, now } = before;
  const decision = foresee(ledger, seen, intent, cell.config, now);
  const plan = planOf(decision);
  const { repositoryUri } = await readRepository(cell.clients.ecr, cell.config);
  const facts = plan && (await readPreflightFacts({ ...cell.clients, repositoryUri }, plan, cell.config));
  const answer = answerTo(decision, facts, cell.config);
  const image = decision.image ?? (act === 'rollback' ? undefined : (seen.named ?? seen.selected));
  const { changes } = image ? await compare(cell, running?.taskDefinition, image) : { changes: [] };
  const isPossible = act === 'release' ? ledger.pin !== undefined : HAPPENS.includes(answer.word);
  const tags = await tagsOf(cell, [running?.digest, image?.digest]);
  const [from, to] = [namedIn(tags, running?.digest), namedIn(tags, image?.digest)];
  return withFingerprint(act, before, {
    word: answer.word,
    message: messageOf(act, answer, ledger),
    isPossible,
    from,
    to: act === 'release' && answer.word !== 'roll' ? from : to,
    changes: from?.digest === to?.digest ? [] : changes,
    consequences: consequencesOf(act, before, { from, to, answer, image }),
    cautions: cautionsAt(decision, facts, cell.config),
    command: commandOf(cell, act, intent.kind === 'person' ? (intent.digest ?? toOf(intent.rollback)) : undefined),
  });
}

const toOf = (rollback: true | { readonly to: ImageDigest } | undefined): ImageDigest | undefined =>
  typeof rollback === 'object' ? rollback.to : undefined;

function messageOf(act: Act, answer: Answer, { pin }: LedgerState): string {
  if (act !== 'release') return answer.message;
  return pin ? 'Pushes are followed again.' : 'Pushes are followed already: there is no pin to release.';
}

/** What follows beside the difference, a sentence each. */
function consequencesOf(
  act: StartingAct,
  { ledger, running, now }: Before,
  {
    from,
    to,
    answer,
    image,
  }: { from: Named | null; to: Named | null; answer: Answer; image: SelectedImage | undefined },
): string[] {
  const count = running?.desiredCount ?? 0;
  const name = to?.tag ?? to?.digest.slice(7, 19) ?? 'it';
  const proven = ledger.verified.find(({ digest }) => digest !== undefined && digest === image?.digest);
  const isQuarantined = ledger.quarantine.some(({ digest }) => digest === image?.digest);
  const turn = answer.word === 'busy' ? ['A rollout holds the service: this one waits until that has ended.'] : [];
  const back = from ? [`If it fails, ${from.tag ?? from.digest.slice(7, 19)} is put back.`] : [];
  if (act === 'rollback')
    return [
      ...turn,
      `${name}${proven ? ` was proven here ${age(proven.at, now)}; it` : ''} is rolled out like any image and must be healthy on ${count} of ${count} tasks.`,
      'Pushes are recorded and wait until someone releases them.',
      'A rollback puts the image back, not your data.',
    ];
  if (act === 'release')
    return answer.word === 'roll'
      ? [...turn, `${name}, which waits, is rolled out at once.`, ...back]
      : ['Nothing newer waits: what runs stays.'];
  return [
    ...turn,
    ...(isQuarantined ? ['This image failed here. Naming it lifts its quarantine.'] : []),
    'If the tag policy selects another image, pushes wait until someone releases them.',
    ...back,
  ];
}

async function foreseeAbort(cell: DeployedCell, before: Before): Promise<Foreseen> {
  const { owner, pending } = before.ledger;
  const target = owner?.rollbackTarget;
  const back = target?.kind === 'revision' ? target.digest : undefined;
  const tags = await tagsOf(cell, [owner?.image.digest, back]);
  const to = namedIn(tags, back);
  const name = to?.tag ?? to?.digest.slice(7, 19);
  return withFingerprint('abort', before, {
    word: owner ? 'abort' : 'nothing',
    message: owner
      ? 'The rollout is stopped at once, wherever it is.'
      : 'No rollout holds the service: there is nothing to stop.',
    isPossible: owner !== undefined,
    from: owner
      ? { digest: owner.image.digest, tag: owner.image.tag ?? namedIn(tags, owner.image.digest)?.tag ?? null }
      : null,
    to,
    changes: [],
    consequences: owner
      ? [
          name === undefined
            ? 'Nothing was proven before it: the service goes back to zero tasks.'
            : `${name}, which was proven before it, is put back and must be healthy.`,
          ...(pending ? ['The rollout that waits begins after that.'] : []),
        ]
      : [],
    cautions: [],
    command: commandOf(cell, 'abort', undefined),
  });
}

function foreseeAcknowledge(cell: DeployedCell, before: Before): Foreseen {
  const isPossible = isNeeded(before.ledger);
  return withFingerprint('acknowledge', before, {
    word: isPossible ? 'acknowledge' : 'nothing',
    message: isPossible ? 'You look at it.' : 'Nothing asks for anybody.',
    isPossible,
    from: null,
    to: null,
    changes: [],
    consequences: [
      'The alarm NeedsSomeone ends; it comes back when another rollout leaves nothing proven in place.',
      'Nothing is rolled out. It is recorded with your name and reason.',
    ],
    cautions: [],
    command: commandOf(cell, 'acknowledge', undefined),
  });
}

async function tagsOf(
  cell: DeployedCell,
  digests: readonly (ImageDigest | string | undefined)[],
): Promise<ReadonlyMap<string, string>> {
  const known = [...new Set(digests.flatMap((digest) => asImageDigest(digest) ?? []))];
  const images = await findImages(cell.clients.ecr, cell.config.repository, known);
  return new Map(
    images.flatMap(({ digest, tags }) => {
      const tag = tags.find((one) => !one.startsWith(KEEP_TAG_PREFIX));
      return tag === undefined ? [] : [[digest, tag]];
    }),
  );
}

function namedIn(tags: ReadonlyMap<string, string>, digest: string | undefined): Named | null {
  return digest === undefined ? null : { digest, tag: tags.get(digest) ?? null };
}

function commandOf({ config }: DeployedCell, act: Act, digest: ImageDigest | undefined): string {
  const flag = digest === undefined ? '' : ` --${act === 'rollback' ? 'to' : 'digest'} ${digest.slice(0, 19)}`;
  return `npx rollouts ${act}${flag} --service ${config.service}`;
}

/** Whatever decides about the act is in its fingerprint; ages and counts that come and go are not. */
function withFingerprint(act: Act, { ledger, running }: Before, foreseen: Omit<Foreseen, 'fingerprint'>): Foreseen {
  const { word, isPossible, from, to, changes } = foreseen;
  const world = {
    ...{ act, word, isPossible, from: from?.digest, to: to?.digest, changes },
    runs: running?.taskDefinition,
    desired: running?.desiredCount,
    owner: ledger.owner?.rolloutId,
    pending: ledger.pending?.rolloutId,
    pin: ledger.pin?.rolloutId,
  };
  return { ...foreseen, fingerprint: createHash('sha256').update(JSON.stringify(world)).digest('hex') };
}

const VERBS = { start, rollback, release, abort, acknowledge };

/** Does it as the command line does, unless the world is another one than was shown. */
export async function doAct(
  cell: DeployedCell,
  request: ActRequest,
  { env, clock }: Pick<Session, 'env' | 'clock'>,
): Promise<ActTold> {
  const foreseen = await foreseeAct(cell, request, clock.now());
  if (foreseen.fingerprint !== request.fingerprint) return { kind: 'changed', foreseen };
  if (!foreseen.isPossible) return { kind: 'refused', message: foreseen.message };
  try {
    return await runVerb(cell, request, { env, clock });
  } catch (error) {
    if (error instanceof UsageError || error instanceof AwsFailure) return { kind: 'refused', message: error.message };
    throw error;
  }
}

async function runVerb(
  cell: DeployedCell,
  { act, digest, reason }: ActRequest,
  { env, clock }: Pick<Session, 'env' | 'clock'>,
): Promise<ActTold> {
  let rolloutId: string | undefined;
  const session: Session<never> = {
    env,
    clock,
    interrupted: () => new Promise(() => {}),
    emit: (event) => {
      if (event.kind === 'started') ({ rolloutId } = event);
    },
    tell() {},
  };
  const flags = {
    reason,
    'no-wait': true,
    ...(digest !== undefined && { [act === 'rollback' ? 'to' : 'digest']: digest }),
  };
  const verb = VERBS[act] as {
    ask(flags: object): unknown;
    runIn(cell: DeployedCell, asked: unknown, session: Session<never>): Promise<unknown>;
  };
  await verb.runIn(cell, verb.ask(flags), session);
  const message =
    act === 'acknowledge'
      ? 'Acknowledged: it is recorded, and the alarm ends.'
      : act === 'abort'
        ? 'The rollout was stopped; what was proven is put back.'
        : `Asked for. Rollout ${rolloutId?.slice(0, 8)} appears here as soon as it begins.`;
  return { kind: 'done', message, ...(rolloutId !== undefined && { rolloutId }) };
}
