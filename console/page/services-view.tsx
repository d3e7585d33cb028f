/** @jsxRuntime automatic @jsxImportSource preact */
import type { ServiceDocument } from '../documents.ts';
import { addressOf, linkTo, type Address } from './address.ts';
import { GROUPS, GROUP_WORDS, headlineOf, stateOf, type Group, type ServiceState } from './service-state.ts';
import { OutcomeStrip, Pips, StateWord } from './signs.tsx';
import { useShown } from './shown.ts';
import { ago, count, countdown, cut, parts, shortDigest } from './words.ts';

interface Row {
  readonly document: ServiceDocument;
  readonly state: ServiceState;
}

/** All services, a row each, worst first. */
export function ServicesView({
  services,
  address,
  now,
}: {
  readonly services: readonly ServiceDocument[];
  readonly address: Address;
  readonly now: number;
}) {
  const rows = services.map((document): Row => ({ document, state: stateOf(document, now) }));
  if (services.length === 0) return <NoServices />;
  const { q = '', group } = address.query;
  const shown = rows.filter((row) => isShown(row, q, group)).sort(byUrgency);
  const clusters = new Set(services.map(({ service }) => parts(service)[0])).size;
  return (
    <main id="main">
      <div class="headline">
        <div>
          <h1>{headlineOf(rows.map(({ state }) => state))}</h1>
          <p class="sub">
            {count(services.length, 'service')} in {count(clusters, 'cluster')}
          </p>
        </div>
      </div>
      <Tools rows={rows} q={q} group={group} />
      <div class="card fleet">
        <div class="thead" aria-hidden="true">
          {['State', 'Service', 'Runs', 'Tasks', 'What happened, or happens'].map((head) => (
            <span key={head}>{head}</span>
          ))}
          <span class="age">When</span>
          <span class="hist-cell">Last 12 outcomes</span>
        </div>
        {GROUPS.map((one) => (
          <GroupRows key={one} group={one} rows={shown.filter(({ state }) => state.group === one)} now={now} />
        ))}
        {shown.length === 0 ? <p class="more">No service matches these filters.</p> : null}
      </div>
    </main>
  );
}

function isShown({ document, state }: Row, q: string, group: string | undefined): boolean {
  const words = [document.service, ...(document.standing?.running?.tags ?? []), state.word].join(' ').toLowerCase();
  return (group === undefined || state.group === group) && words.includes(q.toLowerCase());
}

function byUrgency(one: Row, other: Row): number {
  const at = ({ state }: Row): number => Date.parse(state.endedAt ?? '') || 0;
  return at(other) - at(one) || one.document.service.localeCompare(other.document.service);
}

function NoServices() {
  const { place } = useShown();
  return (
    <main id="main">
      <h1>No service is configured.</h1>
      <p class="sub">
        Looked for in {place.account ?? 'this account'}, {place.region ?? 'this Region'}: the credentials decide which.
        To begin: <code>npx rollouts init</code>
      </p>
    </main>
  );
}

function Tools({
  rows,
  q,
  group,
}: {
  readonly rows: readonly Row[];
  readonly q: string;
  readonly group: string | undefined;
}) {
  const goTo = (query: Address['query']): void => {
    history.replaceState(null, '', addressOf({ query }));
    dispatchEvent(new Event('hashchange'));
  };
  const chip = (name: string, chosen: string | undefined, number: number) => (
    <button
      key={name}
      type="button"
      class="chip"
      aria-pressed={group === chosen}
      onClick={() => goTo({ q, ...(chosen !== undefined && group !== chosen && { group: chosen }) })}
    >
      {name} <b>{number}</b>
    </button>
  );
  const inGroup = (one: Group): number => rows.filter(({ state }) => state.group === one).length;
  return (
    <div class="tools">
      <input
        class="search"
        type="search"
        value={q}
        placeholder="Service, tag or state  ( / )"
        aria-label="Filter services"
        onInput={({ currentTarget }) => goTo({ q: currentTarget.value, ...(group !== undefined && { group }) })}
      />
      <div class="chips">
        {chip('All', undefined, rows.length)}
        {GROUPS.filter((one) => inGroup(one) > 0).map((one) => chip(GROUP_WORDS[one].chip, one, inGroup(one)))}
      </div>
    </div>
  );
}

function GroupRows({
  group,
  rows,
  now,
}: {
  readonly group: Group;
  readonly rows: readonly Row[];
  readonly now: number;
}) {
  if (rows.length === 0) return null;
  return (
    <>
      <h2 class="grp">{GROUP_WORDS[group].heading}</h2>
      {rows.map((row) => (
        <ServiceRow key={row.document.service} row={row} now={now} />
      ))}
    </>
  );
}

const OUTCOMES_SHOWN = 12;

function ServiceRow({ row: { document, state }, now }: { readonly row: Row; readonly now: number }) {
  const { service, standing, history } = document;
  const [cluster, name] = parts(service);
  const running = standing?.running;
  const owner = standing?.rollout;
  const weight = state.group === 'quiet' ? ' calm' : state.group === 'attention' ? ' grave' : '';
  return (
    <div class={`svc${weight}`}>
      <div class="st">
        <StateWord tone={state.tone} shape={state.shape}>
          {state.word}
        </StateWord>
      </div>
      <div class="nm">
        <a class="name" href={linkTo(service, owner?.rolloutId)} title={service}>
          <span class="in">{cluster}/</span>
          {name}
        </a>
      </div>
      <div class="img">
        {running ? <RunningImage tag={running.tags[0]} digest={running.digest} /> : <span class="quiet">–</span>}
      </div>
      <div class="cnt">{state.counts ? <Pips counts={state.counts} /> : null}</div>
      <div class="say">
        <span class="txt" title={state.say}>
          {document.readAt === undefined && !document.trouble ? <span class="skel" /> : state.say}
        </span>
      </div>
      <div class="age">
        {state.endedAt !== undefined ? (
          <time dateTime={state.endedAt} title={state.endedAt}>
            {ago(Date.parse(state.endedAt), now)}
          </time>
        ) : state.since !== undefined ? (
          `for ${countdown((now - Date.parse(state.since)) / 1000)}`
        ) : (
          ''
        )}
      </div>
      <div class="hist-cell">
        <OutcomeStrip
          outcomes={history
            .slice(0, OUTCOMES_SHOWN)
            .map(({ outcome }) => outcome)
            .reverse()}
        />
      </div>
    </div>
  );
}

function RunningImage({ tag, digest }: { readonly tag: string | undefined; readonly digest: string | null }) {
  if (digest === null) return <span class="quiet">not pinned</span>;
  return (
    <>
      {tag === undefined ? null : (
        <span class="t" title={tag}>
          {cut(tag, 24)}
        </span>
      )}
      <span class="dig" title={digest}>
        {shortDigest(digest).slice(0, 7)}
      </span>
    </>
  );
}
