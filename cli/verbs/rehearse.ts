import { cellNames } from '../../rehearsal/assembly/cloud-assembly.ts';
import { jsonReport } from '../../timeline/json-report.ts';
import { paletteFor, type Palette } from '../../timeline/palette.ts';
import { hasPassed, type ScenarioReport } from '../../timeline/scenario-report.ts';
import { summary } from '../../timeline/summary.ts';
import { timelineLine } from '../../timeline/timeline.ts';
import { playStory, STORIES, type PlayOptions, type Story } from '../../rehearsal/stories.ts';
import { withAssembly } from './assembly.ts';
import { UsageError, wholeNumber, type Command, type Flags, type Terminal } from '../terminal/command.ts';
import { nearest } from '../terminal/nearest.ts';

/** `rollouts rehearse`: plays the stories on the stack that would be deployed. */
export const rehearse: Command = {
  name: 'rehearse',
  summary: 'Plays rollouts, good and bad, on the stack that your configuration synthesizes; offline.',
  options: {
    list: { type: 'boolean', summary: 'Lists the scenarios.' },
    scenario: { type: 'string', placeholder: 'NAME', summary: 'Plays one scenario only.' },
    json: { type: 'boolean', summary: 'Prints one JSON document instead (docs/rehearse-json.md).' },
    config: { type: 'string', placeholder: 'FILE', summary: 'Configuration to rehearse. [rollouts.config.ts]' },
    seed: { type: 'string', placeholder: 'N', summary: 'Seed of the simulated region. [1]' },
  },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  if (flags['list']) return list(terminal);
  const stories = chosenStories(flags['scenario']);
  const seed = wholeNumber(flags, 'seed', 1, 0, 0xffffffff);
  const config = flags['config'] as string | undefined;
  const isJson = flags['json'] === true;
  const palette = paletteFor(terminal.out, terminal.env);
  const print = (line: string): void => void (isJson || terminal.out.write(`${line}\n`));
  const wipe = isJson ? () => {} : passingLine('synthesizing the stack…', palette, terminal);
  const reports = await withAssembly(config, async (assembly) => {
    wipe();
    for (const line of introduction(config)) print(palette.faint(line));
    const told: ScenarioReport[] = [];
    for (const stack of cellNames(assembly)) {
      for (const story of stories) told.push(await tell(story, { assembly, stack, seed }, palette, print));
    }
    return told;
  }).finally(wipe);
  if (isJson) terminal.out.write(`${JSON.stringify(jsonReport(reports), null, 2)}\n`);
  for (const line of summary(reports, palette)) print(line);
  return reports.every(hasPassed) ? 0 : 1;
}

/** Shows a line until the answered function is called for the first time. */
function passingLine(text: string, palette: Palette, { out }: Terminal): () => void {
  let wiped = palette.wiped;
  if (wiped !== '') out.write(palette.passing(text));
  return () => {
    if (wiped !== '') out.write(wiped);
    wiped = '';
  };
}

function introduction(config: string = 'rollouts.config.ts'): string[] {
  return [
    `A rehearsal of the stack synthesized from ${config}, in a simulated region; no AWS account is touched.`,
    'Times are virtual. Each scenario starts in a fresh world.',
    '',
  ];
}

function list(terminal: Terminal): number {
  const width = Math.max(...STORIES.map(({ name }) => name.length));
  for (const { name, title, expected } of STORIES)
    terminal.out.write(`${name.padEnd(width)}  ${title} (${expected})\n`);
  return 0;
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

async function tell(
  story: Story,
  place: PlayOptions,
  palette: Palette,
  print: (line: string) => void,
): Promise<ScenarioReport> {
  print(palette.strong(`${story.name}: ${story.title}`));
  const report = await playStory(story, { ...place, onTimeline: (entry) => print(timelineLine(entry, palette)) });
  print('');
  return report;
}
