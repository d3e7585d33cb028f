import { z } from 'zod';
import { cellNames } from '../../rehearsal/assembly/cloud-assembly.ts';
import { timeLines } from './rehearse/time-lines.ts';
import { hasPassed, type ScenarioReport, type TimelineEntry } from '../../timeline/scenario-report.ts';
import { summary } from '../../timeline/summary.ts';
import { FAULTS } from '../../rehearsal/faults/catalogue.ts';
import type { NamedFault } from '../../rehearsal/faults/named-fault.ts';
import { playStory, STORIES, type Story } from '../../rehearsal/stories.ts';
import type { Chronicle } from '../../picture/chronicle.ts';
import { withAssembly } from './rehearse/assembly.ts';
import { drawRehearsal, type Drawn } from './rehearse/draw-rehearsal.ts';
import { pictureFile } from './rehearse/picture-file.ts';
import { UsageError, wholeNumber, type Answer, type Flags, type Session, type Verb } from '../terminal/command.ts';
import { nearest } from '../terminal/nearest.ts';
import { rehearsalJson, rehearsalSchema, storiesJson, storiesSchema } from './rehearse/rehearsal-json.ts';

const rehearseSchema = z.union([rehearsalSchema, storiesSchema]);
type RehearseDocument = z.infer<typeof rehearseSchema>;

/** `rollouts rehearse`: plays the stories on the stack that would be deployed. */
export const rehearse: Verb<RehearseDocument> = {
  name: 'rehearse',
  summary: 'Plays rollouts, good and bad, on the stack that your configuration synthesizes; offline.',
  options: {
    list: { type: 'boolean', summary: 'Lists the scenarios and the faults.' },
    scenario: { type: 'string', placeholder: 'NAME', summary: 'Plays one scenario only.' },
    fault: {
      type: 'string',
      multiple: true,
      placeholder: 'NAME',
      summary: 'Lets AWS misbehave meanwhile, in this way; may be repeated.',
    },
    config: { type: 'string', placeholder: 'FILE', summary: 'Configuration to rehearse. [rollouts.config.ts]' },
    seed: { type: 'string', placeholder: 'N', summary: 'Seed of the simulated region. [1]' },
    verbose: { type: 'boolean', summary: 'Shows the states that each rollout passed, too.' },
    html: { type: 'string', placeholder: 'FILE', summary: 'Draws what happened, as one file for a browser.' },
  },
  document: { schema: rehearseSchema, describedIn: 'docs/rehearse-json.md' },
  run,
};

async function run(flags: Flags, { emit }: Session): Promise<Answer<RehearseDocument>> {
  if (flags['list']) return listed();
  const stories = chosenStories(flags['scenario']);
  const faults = chosenFaults(flags['fault']);
  const seed = wholeNumber(flags, 'seed', 1, 0, 0xffffffff);
  const config = flags['config'] as string | undefined;
  const html = pictureFile(flags['html'] as string | undefined);
  const drawn: Drawn[] = [];
  emit({ kind: 'synthesizing' });
  const reports = await withAssembly(config, async (assembly) => {
    emit({ kind: 'rehearsing', config: config ?? 'rollouts.config.ts', faults: faults.map(({ title }) => title) });
    const told: ScenarioReport[] = [];
    for (const stack of cellNames(assembly)) {
      for (const story of stories) {
        emit({ kind: 'scenario', name: story.name, title: story.title });
        const onTimeline = (entry: TimelineEntry): void => emit({ kind: 'played', entry });
        const onChronicle = (chronicle: Chronicle): void => void drawn.push({ story, chronicle });
        const options = { assembly, stack, seed, faults, onTimeline, ...(html !== undefined && { onChronicle }) };
        told.push(await playStory(story, options));
      }
    }
    return told;
  });
  const hasPaths = flags['verbose'] === true;
  const picture = html === undefined ? [] : [`Their picture: ${drawRehearsal(html, reports, drawn)}`];
  return {
    document: rehearsalJson(reports),
    lines: (palette) => ['', ...summary(reports, palette, { hasPaths }), ...timeLines(reports), ...picture],
    exitCode: reports.every(hasPassed) ? 0 : 1,
  };
}

function listed(): Answer<RehearseDocument> {
  const width = Math.max(...[...STORIES, ...FAULTS].map(({ name }) => name.length));
  const told = (name: string, text: string): string => `${name.padEnd(width)}  ${text}`;
  const stories = STORIES.map(({ name, title, expected }) => told(name, `${title} (${expected})`));
  const faults = FAULTS.map(({ name, title }) => told(name, title));
  const lines = [...stories, '', 'Faults, for --fault:', ...faults];
  return { document: storiesJson(STORIES, FAULTS), lines, exitCode: 0 };
}

function chosenStories(name: Flags[string]): readonly Story[] {
  return typeof name === 'string' ? [named('scenario', name, STORIES)] : STORIES;
}

function chosenFaults(names: Flags[string]): readonly NamedFault[] {
  const chosen = Array.isArray(names) ? [...new Set(names)] : [];
  return chosen.map((name) => named('fault', name, FAULTS));
}

function named<One extends { readonly name: string }>(what: string, name: string, all: readonly One[]): One {
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const names = all.map((one) => one.name);
  const close = nearest(name, names);
  throw new UsageError(
    `there is no ${what} "${name}"${close ? `; did you mean "${close}"?` : `; there are ${names.join(', ')}`}`,
  );
}
