import { createHash } from 'node:crypto';
import type { Chronicle } from './chronicle.ts';
import { episodesOf, type Episode } from './episodes.ts';
import { layOut, type Layout } from './lay-out.ts';
import { shortfalls } from './lay-out-serving.ts';
import { Legend } from './legend.tsx';
import { markup, rendered, sourceOf, type Content, type Markup } from './markup.ts';
import { overviewOf } from './overview.ts';
import { MarksSvg, Patterns, SceneSvg } from './scene-svg.tsx';
import { servedIn, totalOf } from './serving.ts';
import { STYLE, styleElement } from './style.ts';
import {
  deploymentTable,
  desiredTable,
  endsOf,
  episodeTitle,
  eventTable,
  rolloutTable,
  servedSentence,
  stateTable,
  taskTable,
} from './tables.ts';
import { clock, day } from './times.ts';

/** What a page shows: one or several services or stories, each with what happened to it. */
export interface Page {
  readonly title: string;
  /** The first thing that is read. */
  readonly sentence: string;
  /** What else is to be known of it: names and values. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** What should not be so, a sentence each. */
  readonly violations: readonly string[];
  readonly worlds: readonly PageWorld[];
}

/** One of them. */
export interface PageWorld {
  /** Absent where there is only one. */
  readonly title?: string;
  readonly sentence?: string;
  readonly chronicle: Chronicle;
}

/** A page as one file that needs nothing else: no script, nothing from elsewhere, and whatever came from outside is text. */
export function pageHtml(page: Page): string {
  const digest = createHash('sha256').update(STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  const { title, sentence, violations, worlds } = page;
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: ${sentence}</title>
${styleElement}
</head>
<body>
<a class="skip" href="#main">Skip to what happened</a>
${rendered(Patterns, {})}
<main id="main">
<header><p class="over">${title}</p><h1>${sentence}</h1>${factList(page.facts)}</header>
${violationCard(violations)}
${worlds.map(worldSection)}
</main>
</body>
</html>
`;
  return sourceOf(document);
}

function factList(facts: Page['facts']): Content {
  const entries = facts.map(({ name, value }) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  return markup`<dl class="facts">${entries}</dl>`;
}

function violationCard(violations: readonly string[]): Content {
  if (violations.length === 0) return undefined;
  const said = violations.map((violation) => markup`<li>${violation}</li>`);
  const heading = violations.length === 1 ? 'A rule was broken' : `Rules were broken ${violations.length} times`;
  return markup`<section class="card broken"><h2>${heading}</h2><ul>${said}</ul></section>`;
}

function worldSection({ title, sentence, chronicle }: PageWorld, index: number): Markup {
  const prefix = `w${index + 1}`;
  const episodes = episodesOf(chronicle);
  const heading = title === undefined ? undefined : markup`<h2 class="world">${title}</h2>`;
  const told = sentence === undefined ? undefined : markup`<p class="sub">${sentence}</p>`;
  return markup`<section id="${prefix}">${heading}${told}
${overviewCard(chronicle, episodes, prefix)}
${episodes.map((episode, at) => episodeCard(chronicle, episode, `${prefix}e${at + 1}`))}
${factsCard(chronicle)}
</section>`;
}

function overviewCard(chronicle: Chronicle, episodes: readonly Episode[], prefix: string): Content {
  const linkOf = (number: number): string => {
    const at = episodes.findIndex(({ rollouts }) => rollouts.some((one) => one.number === number));
    return `${prefix}e${at + 1}`;
  };
  const picture =
    episodes.length > 1 ? figure(overviewOf(chronicle), `${prefix}-`, 'All rollouts on one axis.') : undefined;
  return markup`<section class="card"><h2>${episodes.length > 1 ? 'All rollouts' : 'How it ended'}</h2>${picture}${endsOf(chronicle, linkOf)}</section>`;
}

function episodeCard(chronicle: Chronicle, episode: Episode, id: string): Markup {
  const { beganAt } = chronicle;
  const { from, to, events } = episode;
  const at = (seconds: number): string => clock(beganAt + seconds * 1000);
  const served = servedIn(chronicle, episode);
  const mostWanted = Math.max(...served.map(({ desiredCount }) => desiredCount));
  const sentence = servedSentence(shortfalls(served, to), Math.min(...served.map(totalOf)), mostWanted);
  const label = `${episodeTitle(episode)}. ${sentence} The tables tell the same.`;
  return markup`<section class="card" id="${id}"><header><h2>${episodeTitle(episode)}</h2><p class="sub">${day(beganAt + from * 1000)}, ${at(from)} to ${at(to)} UTC</p></header>
${figure(layOut(chronicle, episode), `${id}-`, label)}
<p class="served">${sentence}</p>
${rendered(Legend, {})}
${events.length > 0 ? eventTable(events, `${id}-`) : undefined}
</section>`;
}

function figure({ marks, scene }: Layout, prefix: string, label: string): Markup {
  const above = marks
    .filter(({ marks: { height } }) => height > 0)
    .map(({ band, marks: one }) => rendered(MarksSvg, { marks: one, prefix, band: band.name }));
  return markup`<figure class="plot">${above}${rendered(SceneSvg, { scene, label })}</figure>`;
}

function factsCard(chronicle: Chronicle): Markup {
  return markup`<section class="card"><h2>The same as tables</h2><p class="sub">Times count from ${clock(chronicle.beganAt)} UTC.</p>
${[rolloutTable(chronicle), stateTable(chronicle), deploymentTable(chronicle), taskTable(chronicle), desiredTable(chronicle)]}</section>`;
}
