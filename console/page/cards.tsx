/** @jsxRuntime automatic @jsxImportSource preact */
import { Fragment, type ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Act } from '../acts.ts';
import { useShown } from './shown.ts';
import { wallTime, zoneName } from './times.ts';

/** A card with a heading; its place in the order of a narrow window is part of its look. */
export function Card({
  title,
  aside,
  look = '',
  children,
}: {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly look?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class={`card ${look}`}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      <div class="body">{children}</div>
    </section>
  );
}

/** A name and what is known of it. */
export type Fact = readonly [name: string, value: ComponentChildren] | undefined;

/** Names and values, one under the other. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map((fact) =>
        fact === undefined ? null : (
          <Fragment key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}

/** A moment as the clock on the wall shows it. */
export function Moment({ at, isZoned = false }: { readonly at: number; readonly isZoned?: boolean }) {
  const { zone } = useShown();
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={iso}>
      {wallTime(at, zone)}
      {isZoned ? ` ${zoneName(zone, at)}` : ''}
    </time>
  );
}

/** A command for a terminal, and what it is for. */
export interface Next {
  readonly command: string;
  readonly why: string;
}

/** What can be done next, in a terminal. */
export function NextCard({ commands }: { readonly commands: readonly Next[] }) {
  if (commands.length === 0) return null;
  return (
    <Card title="Next" look="o4">
      {commands.map(({ command, why }) => (
        <div class="cmd" key={command}>
          <p>{why}</p>
          <code>{command}</code>
          <CopyButton text={command} />
        </div>
      ))}
    </Card>
  );
}

function CopyButton({ text }: { readonly text: string }) {
  const { isReport } = useShown();
  const [isCopied, setCopied] = useState(false);
  if (isReport) return null;
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1200);
  };
  return (
    <button type="button" class="copy" aria-label={`Copy ${text}`} onClick={() => void copy()}>
      {isCopied ? 'copied' : 'copy'}
    </button>
  );
}

const ACT_WORDS: Readonly<Record<Act, string>> = {
  start: 'Start…',
  rollback: 'Roll back…',
  abort: 'Abort…',
  release: 'Release…',
  acknowledge: 'Acknowledge…',
};

/** An act, or why it cannot be done: what does not apply stays in its place and says why. */
export type Offer = readonly [act: Act, whyNot?: string | undefined];

/** The acts of a view. */
export function ActButtons({ service, offers }: { readonly service: string; readonly offers: readonly Offer[] }) {
  const { begin, isFresh } = useShown();
  if (!begin) return null;
  return (
    <div class="acts">
      {offers.map(([act, reason]) => {
        const whyNot = isFresh ? reason : 'What you see is not up to date: acts wait until AWS answers.';
        return (
          <button
            key={act}
            type="button"
            class="btn"
            aria-disabled={whyNot === undefined ? undefined : 'true'}
            title={whyNot}
            onClick={() => whyNot === undefined && begin(act, service)}
          >
            {ACT_WORDS[act]}
          </button>
        );
      })}
    </div>
  );
}
