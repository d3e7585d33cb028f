/** @jsxRuntime automatic @jsxImportSource preact */
import type { ChronicledEvent } from '../../picture/chronicle.ts';
import type { Decision, RolloutDocument, ServiceDocument } from '../documents.ts';
import { isBad } from '../../picture/event-words.ts';
import { lookOf } from '../../picture/outcome-looks.ts';
import { anatomyOf } from './anatomy.ts';
import { AnatomyCard } from './anatomy-card.tsx';
import { ActButtons, Card, Facts, Moment, NextCard, type Next, type Offer } from './cards.tsx';
import { usualSeconds } from './measures.ts';
import { Legend } from '../../picture/legend.tsx';
import { Picture } from './picture.tsx';
import { asOf, imageOf, isLaunch, progressOf, servedNow } from './rollout-facts.ts';
import { OutcomeWord, Pips, StateWord } from './signs.tsx';
import { useShown } from './shown.ts';
import { StateTable, TaskTable } from './task-table.tsx';
import { dayOf } from './times.ts';
import { endedSentence, liveSentence } from './told.ts';
import { WhyCard } from './why-card.tsx';
import { ago, countdown, isFailure, shortDigest, span, starter } from './words.ts';

interface Given {
  readonly document: RolloutDocument;
  readonly service: ServiceDocument;
  readonly now: number;
}

/** One rollout: what happened and what runs, as a picture and in words. */
export function RolloutView({ document, service, now }: Given) {
  const { record } = document;
  const isLive = record === undefined;
  const anatomy = anatomyOf(document);
  return (
    <main id="main">
      <Headline document={document} service={service} now={now} />
      <div class="two">
        <div class="stack">
          <PictureCard document={document} service={service} now={now} />
          <DecisionsCard document={document} />
          {anatomy ? <AnatomyCard anatomy={anatomy} /> : null}
        </div>
        <div class="stack rail">
          {!isLive && isFailure(record.outcome) ? <WhyCard document={document} /> : null}
          <NowCard document={document} service={service} now={now} />
          <NextCard commands={nextOf(document)} />
          <RecordCard document={document} />
        </div>
      </div>
    </main>
  );
}

/** Its tag, with digits where another image has the same. */
function imageIn({ chronicle }: RolloutDocument): string {
  return chronicle.rollouts[0]!.image ?? 'the image';
}

function Headline({ document, service, now }: Given) {
  const { record, chronicle } = document;
  const { isReport, zone } = useShown();
  const isLive = record === undefined;
  return (
    <div class="headline">
      <div>
        <p>
          {isLive ? (
            <StateWord tone="live" shape="play">
              {progressOf(document, now).word}
            </StateWord>
          ) : (
            <OutcomeWord outcome={record.outcome} />
          )}
        </p>
        <h1>{isLive ? liveSentence(document, now) : endedSentence(document)}</h1>
        <p class="sub">
          Started <Moment at={chronicle.beganAt} isZoned /> by <Starter document={document} service={service} />
          {isLive ? null : (
            <>
              , ended <Moment at={Date.parse(record.endedAt)} />
              {isReport
                ? ` on ${dayOf(Date.parse(record.endedAt), zone)}`
                : `, ${ago(Date.parse(record.endedAt), now)}`}
            </>
          )}
        </p>
      </div>
      <ActButtons service={document.service} offers={offersOf(document, service)} />
    </div>
  );
}

function Starter({ document, service }: Pick<Given, 'document' | 'service'>) {
  const { record } = document;
  const owner = service.standing?.rollout;
  const why = record ? starter(record) : owner?.request ? (owner.request.reason ?? 'a manual start') : undefined;
  if (why !== undefined) return <>someone: {why}</>;
  if (record?.intent === 'tick') return <>the tick</>;
  return (
    <>
      the push of <b>{imageIn(document)}</b>
    </>
  );
}

function offersOf({ record, rolloutId }: RolloutDocument, { standing }: ServiceDocument): Offer[] {
  const nothing =
    (standing?.proven ?? []).length === 0 ? 'Nothing else was proven here: there is nothing to go back to.' : undefined;
  if (record) return [['start'], ['rollback', nothing]];
  return [
    ['abort', standing?.rollout?.rolloutId === rolloutId ? undefined : 'This rollout does not hold the service.'],
  ];
}

function Number({ value, words }: { readonly value: string; readonly words: string }) {
  return (
    <div>
      <p class="n">{value}</p>
      <p class="k">{words}</p>
    </div>
  );
}

function Numbers({ document, service, now }: Given) {
  const { record, chronicle, bake, deadline, decisions } = document;
  const elapsed = asOf(document, now).endedAt;
  const usual = usualSeconds(service.history);
  if (!record) {
    const { counts, desiredCount } = servedNow(asOf(document, now));
    const { bakeLeft } = progressOf(document, now);
    return (
      <div class="clock">
        {bakeLeft === undefined ? (
          <Number value={countdown(elapsed)} words="since the start" />
        ) : (
          <Number value={`${Math.ceil(bakeLeft)} s`} words={`of the ${bake!.seconds} s bake left`} />
        )}
        <Number value={`${counts.trial} of ${desiredCount}`} words={`serve ${imageIn(document)}`} />
        {deadline === undefined ? null : (
          <Number value={countdown((Date.parse(deadline) - now) / 1000)} words="until the deadline" />
        )}
        {usual === undefined || isLaunch(chronicle) ? null : (
          <Number value={countdown(Math.max(0, usual - elapsed))} words={`usually left; ${span(usual)} in all`} />
        )}
      </div>
    );
  }
  const noticed = decisions.find(({ word }) => word === 'failed');
  if (isFailure(record.outcome) && noticed)
    return (
      <div class="clock">
        <Number value={span((Date.parse(noticed.at) - chronicle.beganAt) / 1000)} words="until it was noticed" />
        <Number
          value={span(elapsed)}
          words={record.outcome === 'ROLLED_BACK' ? 'until the proven image was back' : 'in all'}
        />
        {record.detectionLagSeconds === null ? null : (
          <Number value={`${record.detectionLagSeconds.toFixed(2)} s`} words="from ECS’s event to the verdict" />
        )}
      </div>
    );
  return (
    <div class="clock">
      <Number value={span(elapsed)} words={usual === undefined ? 'in all' : `in all; usually ${span(usual)}`} />
      {bake?.startedAt === undefined ? null : <Number value={span(bake.seconds)} words="bake" />}
    </div>
  );
}

function PictureCard(given: Given) {
  const { document, service, now } = given;
  const { isReport } = useShown();
  const chronicle = asOf(document, now);
  return (
    <section class="card pic o2" aria-label="Picture of the rollout">
      <Numbers {...given} />
      <Picture document={document} now={now} usualSeconds={usualSeconds(service.history)} />
      <Legend hasForeign={chronicle.deployments.some(({ by }) => by === 'someone else')} hasBreaks={false} />
      <details open={isReport}>
        <summary>The same as a table</summary>
        <StateTable chronicle={chronicle} />
        <TaskTable chronicle={chronicle} />
      </details>
    </section>
  );
}

function DecisionsCard({ document: { chronicle, decisions } }: Pick<Given, 'document'>) {
  const { events } = chronicle;
  const told = events.filter(({ kind }) => kind === 'decided');
  return (
    <Card title="Decisions" look="o5" aside={<span class="quiet">numbered as in the picture</span>}>
      {events.length === 0 ? <p class="sub">None yet.</p> : null}
      <ol class="dec">
        {events.map((event, index) => (
          <DecisionRow key={index} number={index + 1} event={event} decided={decisions[told.indexOf(event)]} />
        ))}
      </ol>
    </Card>
  );
}

function DecisionRow({
  number,
  event,
  decided,
}: {
  readonly number: number;
  readonly event: ChronicledEvent;
  readonly decided: Decision | undefined;
}) {
  const { at, text } = event;
  return (
    <li class={isBad(event) ? 'bad' : ''}>
      <span class="no">{number}</span>
      <span class="sub when">{at < 9.95 ? `${at.toFixed(1)} s` : countdown(at)}</span>
      {decided ? (
        <div>
          <b>{wordOf(decided.word)}</b>{' '}
          <span class="quiet">
            {decided.state}
            {decided.reason === undefined ? '' : `, ${decided.reason}`}
          </span>
          {decided.message === undefined ? null : <p class="msg">{decided.message}</p>}
        </div>
      ) : (
        <div>
          <b>{text}</b> <span class="quiet">someone else</span>
        </div>
      )}
    </li>
  );
}

function wordOf(word: string): string {
  return /^[A-Z_]+$/.test(word) ? lookOf(word).word : word;
}

function NowCard({ document, service, now }: Given) {
  const { standing } = service;
  const running = standing?.running;
  if (!standing || !running) return null;
  const isLive = document.record === undefined;
  const chronicle = asOf(document, now);
  const { counts, desiredCount: desired } = servedNow(chronicle);
  const old = imageOf(chronicle, 'proven');
  const quarantined = standing.quarantine.find(({ digest }) => digest === document.record?.image?.digest);
  return (
    <Card title="Now" look="o3">
      <Facts
        facts={[
          isLive && old !== undefined
            ? [
                'Proven',
                <>
                  <b>{old}</b> {counts.proven > 0 ? `serves on ${counts.proven}` : 'is kept, to be put back if need be'}
                </>,
              ]
            : undefined,
          isLive
            ? [
                'On trial',
                <>
                  <b>{imageIn(document)}</b> {counts.trial > 0 ? `serves on ${counts.trial}` : 'does not serve yet'}
                </>,
              ]
            : [
                'Runs',
                <>
                  <b>{running.tags[0] ?? ''}</b>{' '}
                  <span class="mono quiet">{running.digest === null ? 'not pinned' : shortDigest(running.digest)}</span>
                </>,
              ],
          [
            'Tasks',
            <Pips
              counts={
                isLive
                  ? {
                      proven: Math.min(counts.proven, Math.max(0, desired - counts.trial)),
                      trial: counts.trial,
                      desired,
                    }
                  : { proven: running.runningCount, trial: 0, desired: running.desiredCount }
              }
            />,
          ],
          quarantined && [
            'Quarantine',
            <>
              <b>{imageIn(document)}</b> stays out until it is pushed again or named
            </>,
          ],
          ['Pushes', standing.pin ? 'held: someone chose the image' : 'followed'],
        ]}
      />
    </Card>
  );
}

function nextOf({ record, rolloutId, service }: RolloutDocument): Next[] {
  const id = rolloutId.slice(0, 8);
  const on = `--service ${service}`;
  if (!record)
    return [
      { command: `npx rollouts watch ${on}`, why: 'Follow it in a terminal.' },
      { command: `npx rollouts abort ${on} --reason "…"`, why: 'Stop it; what was proven before is put back.' },
    ];
  const keep = { command: `npx rollouts history --rollout ${id} ${on}`, why: 'The same in a terminal.' };
  if (isFailure(record.outcome) && record.image)
    return [
      {
        command: `npx rollouts start --digest ${record.image.digest.slice(0, 19)} ${on} --reason "…"`,
        why: 'Try it once more, once what failed is fixed. This lifts its quarantine.',
      },
      keep,
    ];
  return record.intent === 'rollback'
    ? [keep, { command: `npx rollouts release ${on}`, why: 'Follow pushes again.' }]
    : [keep];
}

function RecordCard({ document: { record, rolloutId, chronicle } }: Pick<Given, 'document'>) {
  const { zone } = useShown();
  const image = record?.image;
  return (
    <Card title="Record" look="o8">
      <Facts
        facts={[
          ['Rollout', <span class="mono">{rolloutId}</span>],
          image
            ? [
                'Image',
                <>
                  <b>{image.tag ?? ''}</b> <span class="mono quiet">{shortDigest(image.digest)}</span>
                </>,
              ]
            : undefined,
          record && ['Outcome', record.outcome],
          record && ['Reason', record.reason],
          [
            'Started',
            <>
              <Moment at={chronicle.beganAt} isZoned />, {dayOf(chronicle.beganAt, zone)}
            </>,
          ],
          ['Ended', record ? <Moment at={Date.parse(record.endedAt)} isZoned /> : 'not yet'],
          record && ['Message', record.message],
        ]}
      />
    </Card>
  );
}
