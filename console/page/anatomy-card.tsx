/** @jsxRuntime automatic @jsxImportSource preact */
import { ANATOMY_PARTS, longestPart, PART_WORDS, type Anatomy } from './anatomy.ts';
import { span } from './words.ts';

/** Where the time of a rollout went, and what would shorten the longest part. */
export function AnatomyCard({ anatomy }: { readonly anatomy: Anatomy }) {
  const shown = ANATOMY_PARTS.filter((part) => anatomy[part] > 0);
  const total = shown.reduce((sum, part) => sum + anatomy[part], 0);
  const longest = longestPart(anatomy);
  let from = 0;
  const bars = shown.map((part) => {
    const bar = { part, from, seconds: anatomy[part] };
    from += anatomy[part];
    return bar;
  });
  return (
    <section class="card o6">
      <header>
        <h2>Where {span(total)} went</h2>
        <span class="quiet">this rollout, in the median of its tasks</span>
      </header>
      <div class="body">
        <ul class="ana">
          {bars.map(({ part, from: left, seconds }) => (
            <li key={part} class={part === longest ? 'longest' : ''}>
              <span>{PART_WORDS[part].name}</span>
              <svg class="track" width="100%" height="14" aria-hidden="true">
                <line class="base" x1="0" x2="100%" y1="7" y2="7" />
                <rect
                  class="bar"
                  x={`${(left / total) * 100}%`}
                  y="1"
                  width={`${Math.max(0.5, (seconds / total) * 100)}%`}
                  height="12"
                  rx="2"
                />
              </svg>
              <span class="v">{span(seconds)}</span>
            </li>
          ))}
        </ul>
        {longest === undefined ? null : (
          <p class="tip">
            <b>
              {PART_WORDS[longest].name}: {span(anatomy[longest])}.{' '}
            </b>
            {PART_WORDS[longest].remedy}
          </p>
        )}
      </div>
    </section>
  );
}
