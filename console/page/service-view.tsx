/** @jsxRuntime automatic @jsxImportSource preact */
import type { RolloutDocument, ServiceDocument } from '../documents.ts';
import { linkTo, type Address } from './address.ts';
import { ActButtons, Card, Facts, NextCard, type Next, type Offer } from './cards.tsx';
import { HistoryCard } from './history-card.tsx';
import { usualSeconds } from './measures.ts';
import { MeasuresCard } from './measures-card.tsx';
import { SmallPicture } from './picture.tsx';
import { decisive, stateOf } from './service-state.ts';
import { Pips, StateWord } from './signs.tsx';
import { useShown } from './shown.ts';
import { dayOf, wallTime } from './times.ts';
import { serviceSentence } from './told.ts';
import { ago, cause, imageName, shortDigest } from './words.ts';
import { lookOf } from '../../picture/outcome-looks.ts';

interface Given {
  readonly document: ServiceDocument;
  /** The rollout that runs, or the one that ended last, where it was read. */
  readonly newest: RolloutDocument | undefined;
  readonly address: Address;
  readonly now: number;
}

/** One service: what runs, who holds it, how well it fares, and what came before. */
export function ServiceView({ document, newest, address, now }: Given) {
  const { service, standing, trouble, history } = document;
  const state = stateOf(document, now);
  return (
    <main id="main">
      <div class="headline">
        <div>
          <p>
            <StateWord tone={state.tone} shape={state.shape}>
              {state.word}
            </StateWord>
          </p>
          <h1>{serviceSentence(document, now)}</h1>
        </div>
        {standing ? <ActButtons service={service} offers={offersOf(document)} /> : null}
      </div>
      {standing ? (
        <div class="two">
          <div class="stack">
            {newest ? <NewestCard newest={newest} document={document} now={now} /> : null}
            <MeasuresCard history={history} now={now} />
            <HistoryCard history={history} address={address} now={now} />
          </div>
          <div class="stack rail">
            <NowCard document={document} now={now} />
            <NextCard commands={nextOf(document)} />
            <QuarantineCard document={document} now={now} />
          </div>
        </div>
      ) : trouble ? (
        <Card title="What is missing">
          <p>{trouble.message}</p>
          <p class="sub">
            <code>npx rollouts doctor</code> says more. Other services are not affected.
          </p>
        </Card>
      ) : (
        <Loading />
      )}
    </main>
  );
}

/** Grey bars; they are shown only where it takes longer than a moment. */
export function Loading() {
  return (
    <div class="card loading" role="status" aria-label="Reading">
      <div class="body">
        <div class="skel wide" />
        <div class="skel wider" />
        <div class="skel narrow" />
      </div>
    </div>
  );
}

function offersOf({ standing }: ServiceDocument): Offer[] {
  const { proven = [], pin, rollout, needsSomeone } = standing!;
  const isOpen = needsSomeone && !needsSomeone.acknowledged;
  const nothing = proven.length === 0 ? 'Nothing else was proven here: there is nothing to go back to.' : undefined;
  return [
    ...(isOpen ? ([['acknowledge']] as const) : []),
    ['rollback', nothing],
    ['start'],
    ...(rollout ? ([['abort']] as const) : []),
    ['release', pin ? undefined : 'Pushes are followed: there is no pin to release.'],
  ];
}

function NewestCard({
  newest,
  document,
  now,
}: {
  readonly newest: RolloutDocument;
  readonly document: ServiceDocument;
  readonly now: number;
}) {
  const { record } = newest;
  const href = linkTo(document.service, newest.rolloutId);
  const image = record?.image ?? document.standing?.rollout?.image;
  return (
    <section class="card pic o2">
      <header>
        <h2>{record ? 'Last rollout' : 'Rolling now'}</h2>
        <a class="u" href={href}>
          the whole picture
        </a>
      </header>
      <SmallPicture document={newest} now={now} usualSeconds={usualSeconds(document.history)} />
      <p class="sub told">
        <b>{imageName(image)}</b>{' '}
        {record
          ? `${lookOf(record.outcome).word.toLowerCase()}, ${ago(Date.parse(record.endedAt), now)}: ${cause(record)}`
          : 'is being rolled out.'}
      </p>
    </section>
  );
}

function NowCard({ document, now }: { readonly document: ServiceDocument; readonly now: number }) {
  const { zone } = useShown();
  const { running, rollout, selected } = document.standing!;
  const since = running && Date.parse(running.since);
  const counts = stateOf(document, now).counts;
  const onService = running ? (
    <ImageFact image={{ digest: running.digest, tag: running.tags[0] ?? null }} />
  ) : (
    'nothing'
  );
  return (
    <Card title="Now" look="o3">
      <Facts
        facts={[
          rollout ? ['On trial', <ImageFact image={rollout.image} />] : ['Runs', onService],
          rollout ? ['Started', ago(Date.parse(rollout.startedAt), now)] : undefined,
          counts && ['Tasks', <Pips counts={counts} />],
          running && !rollout ? ['Proven', running.proven ? 'by a rollout' : 'no'] : undefined,
          since && !rollout
            ? ['Since', `${ago(since, now)} · ${dayOf(since, zone)} ${wallTime(since, zone).slice(0, 5)}`]
            : undefined,
          ['Held by', <Holder document={document} now={now} />],
          ['Waits', <Waiting document={document} />],
          selected
            ? [
                'Selected',
                <>
                  <b>{imageName(selected.image)}</b>: {selected.message}
                </>,
              ]
            : undefined,
        ]}
      />
    </Card>
  );
}

function Holder({ document, now }: { readonly document: ServiceDocument; readonly now: number }) {
  const { service, standing, history } = document;
  const { rollout, pin } = standing!;
  if (rollout)
    return (
      <>
        rollout{' '}
        <a class="u mono" href={linkTo(service, rollout.rolloutId)}>
          {rollout.rolloutId.slice(0, 8)}
        </a>
      </>
    );
  if (!pin) return <>nobody: pushes are followed</>;
  const reason = history.find(({ rolloutId }) => rolloutId === pin.rolloutId)?.request?.reason;
  return (
    <>
      <b>someone’s choice</b>, {ago(Date.parse(pin.since), now)}
      {reason === undefined ? '' : `: ${reason}`}
    </>
  );
}

function Waiting({ document }: { readonly document: ServiceDocument }) {
  const { held, pending } = document.standing!;
  if (held) return <ImageFact image={held} />;
  if (!pending) return <>nothing</>;
  return (
    <>
      rollout <span class="mono">{pending.rolloutId.slice(0, 8)}</span>
      {pending.image ? `, ${imageName(pending.image)}` : ''}
    </>
  );
}

function ImageFact({
  image: { tag, digest },
}: {
  readonly image: { readonly tag: string | null; readonly digest: string | null };
}) {
  return (
    <>
      <b>{tag ?? ''}</b> <span class="mono quiet">{digest === null ? 'not pinned' : shortDigest(digest)}</span>
    </>
  );
}

function nextOf(document: ServiceDocument): Next[] {
  const { service, standing } = document;
  const on = `--service ${service}`;
  const last = decisive(document);
  if (!last && !standing!.rollout)
    return [
      { command: `npx rollouts push-instructions ${on}`, why: 'Push the first image.' },
      { command: `npx rollouts doctor ${on}`, why: 'What is ready, and what is missing.' },
    ];
  if (last?.outcome === 'FAILED_ROLLBACK')
    return [
      { command: `npx rollouts doctor ${on}`, why: 'What stands in the way now.' },
      { command: `npx rollouts rollback --force ${on} --reason "…"`, why: 'Put the proven image back once more.' },
    ];
  return [
    ...(standing!.pin ? [{ command: `npx rollouts release ${on}`, why: 'Follow pushes again.' }] : []),
    { command: `npx rollouts watch ${on}`, why: 'Follow the next rollout in a terminal.' },
    { command: `npx rollouts history ${on} --json`, why: 'The same history, for scripts.' },
  ];
}

function QuarantineCard({ document, now }: { readonly document: ServiceDocument; readonly now: number }) {
  const { quarantine } = document.standing!;
  return (
    <Card title="Quarantine" look="o8">
      {quarantine.length === 0 ? <p class="sub">Empty: no image is kept out.</p> : null}
      <ul class="kept-out">
        {quarantine.map(({ digest, tags, reason, since, rolloutId }) => (
          <li key={`${digest}${rolloutId}`}>
            <b>{tags[0] ?? shortDigest(digest)}</b>{' '}
            {tags[0] === undefined ? null : <span class="mono quiet">{shortDigest(digest)}</span>}
            <p class="sub">
              {reason}, {ago(Date.parse(since), now)}. It stays out until it is pushed again or named.
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}
