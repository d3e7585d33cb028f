/** @jsxRuntime automatic @jsxImportSource preact */
import type { RolloutRecord } from '../documents.ts';
import { addressOf, linkTo, type Address } from './address.ts';
import { secondsOf } from './measures.ts';
import { OutcomeWord } from './signs.tsx';
import { ago, cause, cut, imageName, isFailure, span, starter } from './words.ts';

const FILTERS = [
  ['all', 'All', () => true],
  ['failed', 'Failed', ({ outcome }: RolloutRecord) => isFailure(outcome)],
  ['manual', 'Manual', (record: RolloutRecord) => starter(record) !== undefined],
] as const;

const SHOWN = 12;

interface HistoryGiven {
  readonly history: readonly RolloutRecord[];
  readonly address: Address;
  readonly now: number;
}

/** Ended rollouts, the newest first; filter and length are in the address. */
export function HistoryCard({ history, address, now }: HistoryGiven) {
  if (history.length === 0)
    return (
      <section class="card o7">
        <header>
          <h2>History</h2>
        </header>
        <p class="body sub">No rollout has ended yet.</p>
      </section>
    );
  return <FilledHistory history={history} address={address} now={now} />;
}

function FilledHistory({ history, address, now }: HistoryGiven) {
  const { only = 'all', shown = String(SHOWN) } = address.query;
  const isMeant = FILTERS.find(([name]) => name === only)?.[2] ?? (() => true);
  const meant = history.filter(isMeant);
  const length = Math.max(SHOWN, Number(shown) || SHOWN);
  const longest = Math.max(1, ...history.map(secondsOf));
  const left = meant.length - length;
  return (
    <section class="card o7">
      <header>
        <h2>History</h2>
        <div class="chips">
          {FILTERS.map(([name, word, is]) => (
            <a
              key={name}
              class="chip"
              aria-current={only === name ? 'true' : undefined}
              href={addressOf({ ...address, query: { only: name } })}
            >
              {word} <b>{history.filter(is).length}</b>
            </a>
          ))}
        </div>
      </header>
      <div class="hist">
        <div class="hrow head" aria-hidden="true">
          <span>Ended</span>
          <span>Outcome</span>
          <span>Image</span>
          <span>Cause</span>
          <span class="took">Took</span>
        </div>
        {meant.slice(0, length).map((record) => (
          <HistoryRow key={record.rolloutId} record={record} service={address.service!} longest={longest} now={now} />
        ))}
        {left > 0 ? (
          <div class="more">
            <a class="btn" href={addressOf({ ...address, query: { only, shown: String(length + 24) } })}>
              Show {Math.min(24, left)} more of {left}
            </a>
          </div>
        ) : null}
        {meant.length === 0 ? <p class="more">None.</p> : null}
      </div>
    </section>
  );
}

function HistoryRow({
  record,
  service,
  longest,
  now,
}: {
  readonly record: RolloutRecord;
  readonly service: string;
  readonly longest: number;
  readonly now: number;
}) {
  const { outcome, image, endedAt, message } = record;
  const seconds = secondsOf(record);
  const why = starter(record);
  const said = outcome === 'SUCCEEDED' ? (why ?? '') : cause(record);
  return (
    <a class="hrow" href={linkTo(service, record.rolloutId)}>
      <span class="when sub" title={endedAt}>
        {ago(Date.parse(endedAt), now)}
      </span>
      <span>
        <OutcomeWord outcome={outcome} />
      </span>
      <span class="img" title={image?.tag ?? image?.digest}>
        {image ? cut(imageName(image), 28) : '–'}
      </span>
      <span class="msg" title={message}>
        {why === undefined ? null : <span class="tag">manual</span>} {said}
      </span>
      <span class="took">
        <svg class="length" width="42" height="6" aria-hidden="true">
          <rect
            x={42 - Math.max(2, (seconds / longest) * 42)}
            width={Math.max(2, (seconds / longest) * 42)}
            height="6"
            rx="1"
          />
        </svg>
        <span class="sub">{span(seconds)}</span>
      </span>
    </a>
  );
}
