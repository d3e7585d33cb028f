/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import { lookOf } from '../../picture/outcome-looks.ts';
import { SIGNS } from '../../picture/shapes.ts';
import type { Counts } from './service-state.ts';

/** Signs that pictures do not have. */
const MORE: Readonly<Record<string, string>> = {
  alert: 'M0-4.6V1M0 3.6V4.8',
  unknown: 'M-2-1.7c.2-2.6 4-2.4 4 0 0 1.6-2 1.5-2 3.2M0 3.6v1',
};

/** A small sign; whatever it says is said in words beside it. */
export function Sign({ shape }: { readonly shape: string }) {
  return (
    <svg class="glyph" width="13" height="13" viewBox="-6.5 -6.5 13 13" aria-hidden="true">
      <path class={`glyph-${shape}`} d={SIGNS[shape] ?? MORE[shape] ?? SIGNS['dot']!} />
    </svg>
  );
}

/** A state: its sign, its word, and then its colour. */
export function StateWord({
  tone,
  shape,
  children,
}: {
  readonly tone: string;
  readonly shape: string;
  readonly children: ComponentChildren;
}) {
  return (
    <span class={`word w-${tone}`}>
      <Sign shape={shape} />
      {children}
    </span>
  );
}

/** How a rollout ended. */
export function OutcomeWord({ outcome }: { readonly outcome: string }) {
  const { word, tone, shape } = lookOf(outcome);
  return (
    <StateWord tone={tone} shape={shape}>
      {word}
    </StateWord>
  );
}

/** More tasks than that are one bar. */
const PIPS_MAX = 8;

/** Tasks that serve, of those wanted: solid is the image on trial, soft the proven one. */
export function Pips({ counts: { proven, trial, desired } }: { readonly counts: Counts }) {
  const serving = Math.min(proven + trial, desired);
  const isFew = serving < desired;
  return (
    <span class={`pips${isFew ? ' few' : ''}`}>
      <span class="nowrap">
        {serving}/{desired}
      </span>
      {desired === 0 ? null : desired > PIPS_MAX ? (
        <svg width="26" height="12" aria-hidden="true">
          <rect class="pip" x="0.5" y="2.5" width="25" height="7" rx="1" />
          <rect class="pip full" x="0.5" y="2.5" width={(25 * serving) / desired} height="7" rx="1" />
        </svg>
      ) : (
        <svg width={desired * 7} height="12" aria-hidden="true">
          {Array.from({ length: desired }, (_, index) => (
            <rect
              key={index}
              class={`pip${index < trial ? ' trial' : index < serving ? ' full' : ''}`}
              x={index * 7 + 0.5}
              y="1.5"
              width="4"
              height="9"
              rx="1"
            />
          ))}
        </svg>
      )}
    </span>
  );
}

/** The last outcomes, the newest at the right: a shape says the kind, and colour repeats it. */
export function OutcomeStrip({ outcomes }: { readonly outcomes: readonly string[] }) {
  if (outcomes.length === 0) return <span class="quiet">–</span>;
  const words = outcomes.map((outcome) => lookOf(outcome).word.toLowerCase());
  const said = [...new Set(words)].map((word) => `${words.filter((one) => one === word).length} ${word}`).join(', ');
  const label = `Last ${outcomes.length}, newest at the right: ${said}`;
  const width = outcomes.length * 11;
  return (
    <svg class="strip" width={width} height="16" viewBox={`0 0 ${width} 16`} role="img" aria-label={label}>
      <title>{label}</title>
      {outcomes.map((outcome, index) => (
        <path
          key={index}
          class={`beat ${beatOf(outcome)}`}
          d={BEATS[beatOf(outcome)]!}
          transform={`translate(${index * 11 + 5} 8)`}
        />
      ))}
    </svg>
  );
}

const BEATS: Readonly<Record<string, string>> = {
  good: 'M-2-5h4v10h-4z',
  calm: 'M-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0Z',
  held: 'M-2-4v8M2-4v8',
  grave: 'M-4.5-4.5h9v9h-9zM-2-2l4 4m0-4-4 4',
  bad: 'M-4.4-4h8.8L0 4.5z',
};

function beatOf(outcome: string): string {
  if (outcome === 'SUCCEEDED') return 'good';
  if (outcome === 'FAILED_ROLLBACK') return 'grave';
  const { tone } = lookOf(outcome);
  return tone === 'bad' ? 'bad' : tone === 'held' ? 'held' : 'calm';
}
