import { BANDS } from './bands.ts';
import { markup, type Markup } from './markup.ts';

const LIGHT = `
  --ground: #f6f7f8; --surface: #ffffff; --sunk: #f0f2f4; --ink: #14191f; --ink-2: #48525d; --ink-3: #5d6873;
  --line: #e3e7ea; --edge: #c3cad1; --mark: #818c97;
  --trial: #1757b8; --trial-soft: #c9dcf7; --proven: #4d5965; --proven-soft: #e3e7eb; --foreign: #6b3fa0; --foreign-soft: #ece4f6;
  --bad: #b02a08; --bad-soft: #fbeae4; --bad-edge: #e0a08a; --held: #7a5000;`;

const DARK = `
  --ground: #0e1114; --surface: #15191d; --sunk: #1c2126; --ink: #e9edf0; --ink-2: #b3bdc7; --ink-3: #919ca7;
  --line: #252b31; --edge: #3d4650; --mark: #76828e;
  --trial: #74aefc; --trial-soft: #264a7d; --proven: #a5b0bb; --proven-soft: #2a3138; --foreign: #c3a1ee; --foreign-soft: #342749;
  --bad: #ff8f66; --bad-soft: #331a11; --bad-edge: #7a3d26; --held: #e0b45c;`;

const PAGE = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 16px; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 14px/20px ui-sans-serif, system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1600px; margin: 0 auto; padding: 20px 12px 48px; }
h1, h2, p, ul, ol, dl, dd, figure { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: 20px; line-height: 28px; font-weight: 620; letter-spacing: -.012em; overflow-wrap: anywhere; text-wrap: pretty; max-width: 50em; }
h2 { font-size: 15px; line-height: 22px; font-weight: 620; overflow-wrap: anywhere; }
h2.world { font-size: 18px; line-height: 26px; margin-top: 32px; }
a { color: inherit; text-underline-offset: 3px; text-decoration-color: var(--mark); }
a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--trial); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: 12px; top: -60px; background: var(--surface); border: 1px solid var(--edge); border-radius: 6px; padding: 6px 12px; }
.skip:focus { top: 8px; }
.over, .sub { color: var(--ink-2); overflow-wrap: anywhere; }
.mono { font-family: ui-monospace, SF Mono, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace; font-size: .9em; }
.facts { display: flex; flex-wrap: wrap; gap: 4px 24px; margin-top: 8px; }
.facts div { display: flex; gap: 8px; min-width: 0; }
.facts dt { color: var(--ink-3); white-space: nowrap; }
.facts dd { overflow-wrap: anywhere; min-width: 0; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; margin-top: 16px; padding: 12px 11px 14px; }
.card header { display: flex; flex-wrap: wrap; gap: 0 16px; justify-content: space-between; align-items: baseline; }
.broken { border-color: var(--bad); border-width: 2px; }
.broken h2 { color: var(--bad); }
.broken li { margin-top: 6px; overflow-wrap: anywhere; white-space: pre-wrap; }
.served { margin-top: 10px; font-weight: 560; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin-top: 6px; font-size: 12px; line-height: 18px; color: var(--ink-2); }
.legend li { display: flex; gap: 6px; align-items: center; }
.legend svg { flex: none; } .inline { vertical-align: -2px; }
.patterns { position: absolute; }
.scroll { overflow-x: auto; margin-top: 14px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; line-height: 18px; }
caption { text-align: left; font-weight: 620; padding-bottom: 4px; }
th { text-align: left; font-weight: 460; font-size: 12px; color: var(--ink-3); padding: 4px 14px 4px 0; white-space: nowrap; }
td { border-top: 1px solid var(--line); padding: 5px 14px 5px 0; vertical-align: top; white-space: nowrap; unicode-bidi: plaintext; }
td.long { white-space: normal; overflow-wrap: anywhere; min-width: 22em; }
.ends { margin-top: 10px; }
.ends li { display: grid; grid-template-columns: 24px minmax(0, 1fr); gap: 0 8px; padding: 7px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.ends .said, .ends .when { color: var(--ink-2); }
.ends .said, .ends .when, .ends .image { grid-column: 2; }
.ends .image { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; line-clamp: 2; overflow: hidden; align-self: start; }
tr:target td { background: var(--sunk); font-weight: 560; }
tr.bad td { color: var(--bad); }`;

/** How what is drawn looks, wherever it is shown; colours are variables of the page around it. */
export const PICTURE_STYLE = `
.plot { padding: 10px 0 0 var(--gutter); }
.scene, .marks { display: block; overflow: visible; }
.loose { overflow: visible; }
.gutter { transform: translateX(calc(-1 * var(--gutter))); }
text { fill: var(--ink-2); font-family: inherit; unicode-bidi: isolate; }
.heading { fill: var(--ink-2); paint-order: stroke; stroke: var(--surface); stroke-width: 4px; stroke-linejoin: round; }
.strong { fill: var(--ink); font-weight: 620; }
.heading.bad { fill: var(--bad); } .heading.held { fill: var(--held); } .heading.live { fill: var(--trial); }
.tick, .side { fill: var(--ink-3); paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round; }
text.mono { font-size: 11px; }
.pause { fill: var(--ink-2); font-style: italic; }
.inside { fill: var(--ink); }
.failure, .outcome.bad { fill: var(--bad); color: var(--bad); } span.outcome.bad, .bold { font-weight: 620; }
.outcome.held { fill: var(--held); color: var(--held); } .outcome.live { fill: var(--trial); color: var(--trial); }
.failure, .outcome { paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round; }
li .outcome, td .outcome { stroke: none; }
.flag { fill: var(--ink); } .flag.foreign { fill: var(--foreign); }
.grid { stroke: var(--line); }
.mark { stroke: var(--mark); stroke-dasharray: 1 3; }
.mark.foreign { stroke: var(--foreign); }
.verdict { stroke: var(--bad); stroke-width: 1.5px; }
.tear { fill: none; stroke: var(--mark); }
rect.silence { fill: var(--ground); fill-opacity: .9; }
.pill { fill: var(--surface); stroke: var(--mark); } .pill.bad { fill: var(--bad); stroke: var(--bad); }
.number { fill: var(--ink); font-size: 10.5px; } .number.bad { fill: var(--surface); }
.reach { fill: none; pointer-events: all; }
.state { fill: var(--sunk); stroke: var(--mark); }
.state.back { fill: var(--bad-soft); stroke: var(--bad-edge); }
.state.queue { stroke-dasharray: 2 2; fill: none; }
.state.bake { fill: url(#bake); }
rect.fault { fill: url(#fault); stroke: var(--held); }
text.fault { fill: var(--held); paint-order: stroke; stroke: var(--surface); stroke-width: 3px; stroke-linejoin: round; }
.life { fill: var(--proven-soft); stroke: var(--proven); } .life.bad { fill: var(--bad-soft); stroke: var(--bad); }
.life.held { stroke: var(--held); stroke-dasharray: 2 2; } .life.live { fill: var(--trial-soft); stroke: var(--trial); }
.sign { fill: none; stroke: var(--ink-2); stroke-width: 1.6px; stroke-linecap: round; stroke-linejoin: round; }
.sign.bad { stroke: var(--bad); } .sign.held { stroke: var(--held); stroke-width: 2.4px; } .sign.live { stroke: var(--trial); fill: var(--trial); }
.sign.dot { fill: var(--ink-2); }
.swatch.proven { fill: var(--proven-soft); stroke: var(--proven); } .swatch.trial { fill: var(--trial); } .swatch.foreign { fill: url(#dots-foreign); stroke: var(--foreign); }
.failed circle { fill: var(--bad); stroke: var(--surface); stroke-width: 1px; } .failed path { stroke: var(--surface); stroke-width: 1.6px; }
.stage { stroke-width: 1px; }
.stage.proven { fill: var(--surface); stroke: var(--proven); } .stage.trial { fill: var(--trial-soft); stroke: var(--trial); } .stage.foreign { fill: var(--foreign-soft); stroke: var(--foreign); }
.stage.serving.proven { fill: var(--proven-soft); } .stage.serving.trial { fill: var(--trial); } .stage.serving.foreign { fill: url(#dots-foreign); }
.stage.draining.proven { fill: url(#drain-proven); } .stage.draining.trial { fill: url(#drain-trial); } .stage.draining.foreign { fill: url(#drain-foreign); }
.stage.waiting { fill: none; stroke-dasharray: 1.5 2.5; } .stage.stopping { fill: none; }
.hair.stage { stroke: none; }
.hair.proven { fill: var(--proven); fill-opacity: .35; } .hair.trial { fill: var(--trial); fill-opacity: .4; } .hair.foreign { fill: var(--foreign); fill-opacity: .4; }
.hair.serving { fill-opacity: 1; } .hair.serving.proven { fill: var(--mark); } .hair.serving.trial { fill: var(--trial); } .hair.serving.foreign { fill: var(--foreign); }
.hair.waiting, .hair.stopping { fill-opacity: .18; }
.served { vector-effect: non-scaling-stroke; }
path.served.proven { fill: var(--proven-soft); stroke: var(--proven); } path.served.trial { fill: var(--trial); stroke: var(--trial); } path.served.foreign { fill: var(--foreign-soft); stroke: var(--foreign); }
.desired { fill: none; stroke: var(--ink); stroke-width: 1.5px; stroke-dasharray: 4 3; vector-effect: non-scaling-stroke; }
.shortfall { fill: url(#missing); }
.ground { fill: var(--surface); } .ground.proven { fill: var(--proven-soft); } .ground.trial { fill: var(--trial-soft); } .ground.foreign { fill: var(--foreign-soft); } .ground.bake { fill: var(--sunk); }
.lines { stroke: var(--proven); stroke-width: 1.6px; } .lines.trial { stroke: var(--trial); } .lines.foreign { stroke: var(--foreign); } .lines.missing { stroke: var(--bad); } .lines.bake { stroke: var(--edge); } .lines.fault { stroke: var(--held); }
.dots { fill: var(--foreign); }`;

const PRINT = `
@media print {
  @page { size: A4 landscape; margin: 12mm; }
  body { background: #ffffff; font-size: 11px; line-height: 15px; }
  main { padding: 0; } .skip { display: none; }
  .card { border-color: #cccccc; } .plot, tr { break-inside: avoid; }
  h2, header, caption { break-after: avoid; } .card { margin-top: 8px; padding: 8px 11px; }
  .scroll { overflow: visible; } table { font-size: 9px; line-height: 12px; }
  td, th { padding: 2px 10px 2px 0; } th { font-size: inherit; } td { white-space: normal; }
  td.long { min-width: 0; } .tasks { font-size: 7px; line-height: 10px; } .tasks td, .tasks th { overflow-wrap: anywhere; white-space: normal; padding-right: 5px; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (forced-colors: active) { svg { forced-color-adjust: none; } }`;

const ENDS_IN_A_ROW = `
.ends li { grid-template-columns: 24px 200px minmax(0, 1fr) auto; }
.ends .when, .ends .image { grid-column: auto; } .ends .said { grid-column: 2 / -1; }`;
const ENDS_IN_COLUMNS = `
.ends li { grid-template-columns: 24px 200px 140px 180px minmax(0, 1fr); }
.ends .said { grid-column: auto; }`;

/** On a phone each event is two lines. */
const EVENTS_STACKED = `
.events, .events tbody, .events caption { display: block; } .events thead { position: absolute; clip-path: inset(50%); }
.events tr { display: grid; grid-template-columns: 32px auto auto minmax(0, 1fr); gap: 0 12px; border-top: 1px solid var(--line); padding: 4px 0; }
.events td { border: 0; padding: 0; } .events td:last-child { grid-column: 2 / -1; min-width: 0; white-space: normal; overflow-wrap: anywhere; }`;

/** What is written for one width is hidden in the others. */
function bandStyle(): string {
  const all = BANDS.map(({ name }) => `.in-${name}`).join(', ');
  const rules = BANDS.map(({ name, windowMin, gutter }, index) => {
    const next = BANDS[index + 1]?.windowMin;
    const until = next === undefined ? '' : ` and (max-width: ${next - 0.02}px)`;
    const padding =
      index === 0
        ? ''
        : ' main { padding: 28px 24px 64px; } .card { padding: 14px 17px 18px; } h1 { font-size: 22px; line-height: 30px; }';
    return `@media (min-width: ${windowMin}px)${until} { :root { --gutter: ${gutter}px; } text.in-${name} { display: inline; } svg.in-${name} { display: block; }${padding} }`;
  });
  const [, middle, , wide] = BANDS;
  const events = `@media screen and (max-width: ${middle!.windowMin - 0.02}px) { ${EVENTS_STACKED} }`;
  const ends = `@media (min-width: ${middle!.windowMin}px) { ${ENDS_IN_A_ROW} } @media (min-width: ${wide!.windowMin}px) { ${ENDS_IN_COLUMNS} }`;
  return `${all} { display: none; } ${rules.join(' ')} ${ends} ${events}`;
}

/** The same for a picture that is as wide as an element of this class, however wide the window is. */
export function bandStyleWithin(room: string): string {
  const all = BANDS.map(({ name }) => `.${room} .in-${name}`).join(', ');
  const rules = BANDS.map(({ name, gutter }, index) => {
    const from = index === 0 ? 0 : gutter + BANDS[index]!.plotMin;
    const next = BANDS[index + 1];
    const until = next === undefined ? '' : ` and (max-width: ${next.gutter + next.plotMin - 0.02}px)`;
    return `@container (min-width: ${from}px)${until} { .${room} .plot { --gutter: ${gutter}px; } .${room} text.in-${name} { display: inline; } .${room} svg.in-${name} { display: block; } }`;
  });
  return `.${room} { container-type: inline-size; } ${all} { display: none; } ${rules.join(' ')}`;
}

/** Without quotes, brackets or ampersands, and on one line: as an element holds it, so it is hashed. */
export const STYLE = [
  `:root { color-scheme: light dark; ${LIGHT} }`,
  `@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }`,
  PAGE,
  PICTURE_STYLE,
  bandStyle(),
  PRINT,
]
  .join(' ')
  .replace(/\s+/g, ' ');

/** The style of a page. */
export const styleElement: Markup = markup`<style>${STYLE}</style>`;
