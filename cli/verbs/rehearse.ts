import { z } from 'zod';
import { cellNames } from '../../rehearsal/assembly/cloud-assembly.ts';
import { hasPassed, type ScenarioReport, type TimelineEntry } from '../../timeline/scenario-report.ts';
import { summary } from '../../timeline/summary.ts';
import { playStory, STORIES, type Story } from '../../rehearsal/stories.ts';
import { withAssembly } from './rehearse/assembly.ts';
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
    list: { type: 'boolean', summary: 'Lists the scenarios.' },
    scenario: { type: 'string', placeholder: 'NAME', summary: 'Plays one scenario only.' },
    config: { type: 'string', placeholder: 'FILE', summary: 'Configuration to rehearse. [rollouts.config.ts]' },
    seed: { type: 'string', placeholder: 'N', summary: 'Seed of the simulated region. [1]' },
  },
  document: { schema: rehearseSchema, describedIn: 'docs/rehearse-json.md' },
  run,
};

async function run(flags: Flags, { emit }: Session): Promise<Answer<RehearseDocument>> {
  if (flags['list']) return listed();
  const stories = chosenStories(flags['scenario']);
  const seed = wholeNumber(flags, 'seed', 1, 0, 0xffffffff);
  const config = flags['config'] as string | undefined;
  emit({ kind: 'synthesizing' });
  const reports = await withAssembly(config, async (assembly) => {
    emit({ kind: 'rehearsing', config: config ?? 'rollouts.config.ts' });
    const told: ScenarioReport[] = [];
    for (const stack of cellNames(assembly)) {
      for (const story of stories) {
        emit({ kind: 'scenario', name: story.name, title: story.title });
        const onTimeline = (entry: TimelineEntry): void => emit({ kind: 'played', entry });
        told.push(await playStory(story, { assembly, stack, seed, onTimeline }));
      }
    }
    return told;
  });
  return {
    document: rehearsalJson(reports),
    lines: (palette) => ['', ...summary(reports, palette)],
    exitCode: reports.every(hasPassed) ? 0 : 1,
  };
}

function listed(): Answer<RehearseDocument> {
  const width = Math.max(...STORIES.map(({ name }) => name.length));
  const lines = STORIES.map(({ name, title, expected }) => `${name.padEnd(width)}  ${title} (${expected})`);
  return { document: storiesJson(STORIES), lines, exitCode: 0 };
}

function chosenStories(name: Flags[string]): readonly Story[] {
  if (typeof name !== 'string') return STORIES;
  const found = STORIES.filter((story) => story.name === name);
  if (found.length > 0) return found;
  const names = STORIES.map((story) => story.name);
  const close = nearest(name, names);
  throw new UsageError(
    `there is no scenario "${name}"${close ? `; did you mean "${close}"?` : `; there are ${names.join(', ')}`}`,
  );
}
