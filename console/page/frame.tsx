/** @jsxRuntime automatic @jsxImportSource preact */
import { Fragment } from 'preact';
import { useReducer } from 'preact/hooks';
import { linkTo } from './address.ts';
import { chosen, choose, otherTheme } from './settings.ts';
import { useShown } from './shown.ts';
import { nowThere, type PageState } from './store.ts';
import { wallTime, zoneName } from './times.ts';
import { ago } from './words.ts';

/** A step on the way to a view: what it is called, and where it leads. */
export type Crumb = readonly [name: string, href?: string];

/** The way to a service, or to one of its rollouts. */
export function crumbsOf(service: string, rolloutId?: string): Crumb[] {
  return rolloutId === undefined ? [[service]] : [[service, linkTo(service)], [`rollout ${rolloutId.slice(0, 8)}`]];
}

/** Where the page is, what it looks at, how fresh that is, and how it is shown. */
export function TopBar({
  crumbs,
  page,
  now,
  onHelp,
}: {
  readonly crumbs: readonly Crumb[];
  readonly page: PageState;
  readonly now: number;
  readonly onHelp: () => void;
}) {
  const { account, region } = page.place;
  return (
    <header class="top">
      <nav class="crumbs" aria-label="Where you are">
        <a class="home" href="#/">
          Rollouts
        </a>
        {crumbs.map(([name, href]) => (
          <Fragment key={name}>
            <span class="sep" aria-hidden="true">
              /
            </span>
            {href === undefined ? (
              <span aria-current="page" title={name}>
                {name}
              </span>
            ) : (
              <a href={href} title={name}>
                {name}
              </a>
            )}
          </Fragment>
        ))}
      </nav>
      {account === undefined ? null : (
        <span class="place">
          {account} · {region}
        </span>
      )}
      <Freshness page={page} now={now} />
      <Choices onHelp={onHelp} />
    </header>
  );
}

function Choices({ onHelp }: { readonly onHelp: () => void }) {
  const { zone } = useShown();
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const change = (choice: Parameters<typeof choose>[0]): void => {
    choose(choice);
    redraw(undefined);
    // Everything on the page is told by it.
    dispatchEvent(new Event('hashchange'));
  };
  return (
    <>
      <button
        type="button"
        class="icon"
        aria-label="Switch between UTC and local time"
        title="UTC or local time (u)"
        onClick={() => change({ isLocalTime: !chosen().isLocalTime })}
      >
        {zoneName(zone, nowThere())}
      </button>
      <button
        type="button"
        class="icon"
        aria-label="Switch between light and dark"
        title="Light or dark (t)"
        onClick={() => change({ theme: otherTheme() })}
      >
        ◐
      </button>
      <button type="button" class="icon" aria-label="Keys" title="Keys (?)" onClick={onHelp}>
        ?
      </button>
    </>
  );
}

/** When what is shown was read: by the oldest service that should be fresh. */
export function readAtOf({ services = [] }: PageState): number | undefined {
  const read = services.flatMap(({ readAt }) => (readAt === undefined ? [] : [Date.parse(readAt)]));
  return read.length === 0 ? undefined : Math.max(...read);
}

function Freshness({ page, now }: { readonly page: PageState; readonly now: number }) {
  const readAt = readAtOf(page);
  const isStale = page.link === 'stale' || troubleOf(page) !== undefined;
  if (page.link === 'opening' || readAt === undefined) return <span class="fresh">opening</span>;
  return (
    <span class={`fresh${isStale ? ' stale' : ''}`}>
      <i aria-hidden="true" />
      <span class="how">{isStale ? 'stale' : 'live'}</span>
      <span class="ago">· read {ago(readAt, now)}</span>
    </span>
  );
}

/** What keeps every service from being read: credentials that ended, or an AWS that is silent. */
export function troubleOf({ place, services = [] }: PageState) {
  if (place.trouble) return place.trouble;
  const general = services.flatMap(({ trouble }) =>
    trouble && (trouble.kind === 'credentials' || trouble.kind === 'silent') ? [trouble] : [],
  );
  return general.find(({ kind }) => kind === 'credentials') ?? general[0];
}

const HEADINGS: Readonly<Record<string, string>> = {
  credentials: 'Your AWS credentials do not work. ',
  silent: 'AWS does not answer. ',
};

/** What is wrong with everything that is shown; nothing where nothing is. */
export function Banner({ page, now }: { readonly page: PageState; readonly now: number }) {
  const { zone } = useShown();
  const trouble = troubleOf(page);
  const readAt = readAtOf(page);
  const read =
    readAt === undefined
      ? ''
      : `What you see was read at ${wallTime(readAt, zone)} ${zoneName(zone, readAt)}, ${ago(readAt, now)}. `;
  if (page.link === 'stale')
    return (
      <p class="banner" role="alert">
        <b>The console does not answer. </b>
        {read}Actions wait until it does. If it was ended, start it again: <code>rollouts console</code>
      </p>
    );
  if (!trouble) return null;
  const heading = HEADINGS[trouble.kind] ?? 'The account cannot be read. ';
  const after =
    trouble.kind === 'credentials' ? 'Renew them in a terminal; this page goes on by itself.' : 'Trying again.';
  return (
    <p class="banner" role="alert">
      <b>{heading}</b>
      {trouble.message} {read}Actions wait. {after}
    </p>
  );
}
