import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chronicle } from '../picture/chronicle.ts';
import { keepOpenings } from '../rehearsal/openings.ts';
import { paletteFor } from '../timeline/palette.ts';
import { timelineLines } from '../timeline/timeline.ts';
import { assembliesIn } from './assemblies.ts';
import {
  asksForHelp,
  Misuse,
  readCommandLine,
  refuseTakenByNpm,
  USAGE,
  wholeNumber,
  type Asked,
} from './command-line.ts';
import { playDue } from './both-doors.ts';
import { CORPUS, readCorpus, readRemembered } from './corpus.ts';
import { drawWorld, pictureFile } from './draw-world.ts';
import { planOf } from './generate-plan.ts';
import { exitAtInterrupt, followInterrupts } from './interrupts.ts';
import { listLines, playMutants } from './play-mutants.ts';
import type { Plan } from './plan.ts';
import type { Played } from './play-plan.ts';
import { jobsFor, startPlayers } from './players.ts';
import { perRollout, progressLine } from './progress.ts';
import { missing, reachLines } from './reach.ts';
import { LOST_MOST, runCampaign, type Campaign } from './run-campaign.ts';
import { shortenBy } from './shorten.ts';
import type { AssemblyOf } from './stage.ts';
import { createTeller, type Told } from './tell.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Runs that long must meet everything; every run meets each outcome, state, edge and fault, as plans of the corpus reach them. */
const LONG_ROLLOUTS = 100_000;
const BETWEEN_LINES_MS = 10_000;

const palette = paletteFor(process.stderr, process.env);

/** Does what was asked for; answers whether no world broke a rule. */
async function main(args: readonly string[]): Promise<boolean> {
  if (asksForHelp(args)) return print(USAGE);
  refuseTakenByNpm(process.env);
  const asked = readCommandLine(args);
  if (asked.isList) return print(listLines());
  return asked.mutants ? playMutants(asked.mutants, asked) : play(asked);
}

function print(lines: readonly string[]): true {
  if (lines.length > 0) console.log(lines.join('\n'));
  return true;
}

async function play(asked: Asked): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'rollouts-campaign-'));
  // However it ends.
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const assemblyOf = assembliesIn(scratch);
  return asked.replay === undefined ? campaign(asked, assemblyOf) : replay(asked, asked.replay, assemblyOf);
}

async function campaign(asked: Asked, assemblyOf: AssemblyOf): Promise<boolean> {
  const { rollouts, seed, isShrunk } = asked;
  const jobs = asked.jobs ?? jobsFor(rollouts, availableParallelism());
  const players = jobs === 1 ? undefined : startPlayers(jobs);
  const openings = keepOpenings();
  const plans = readCorpus().length;
  const beganAt = Date.now();
  const show = meanwhile();
  const isOver = followInterrupts(() =>
    console.error(
      `${palette.wiped}Ending after the world that is being played; Ctrl-C again ends at once, without the table.`,
    ),
  );
  const shorten = isShrunk ? shortenBy({ assemblyOf, openings, isOver, onTry: show }) : undefined;
  const tell = createTeller({ shorten });
  const told = await runCampaign({
    rollouts,
    seed,
    jobs,
    play: players?.play ?? ((plan) => playDue(plan, { assemblyOf, openings })),
    isOver,
    onPlayed: async (soFar, played) => {
      show(progressLine({ soFar, seed: played.plan.seed, rollouts, plans, elapsedMs: Date.now() - beganAt }));
      if (played.violations.length > 0) await say(tell(played));
    },
  });
  players?.close();
  process.stderr.write(palette.wiped);
  return conclude(told, rollouts, isOver());
}

/** Shows what a run met; answers whether it met what it had to, and no world broke a rule. */
function conclude(told: Campaign, rollouts: number, isOver: boolean): boolean {
  const missed = missing(told.reach);
  const due = missed.filter((thing) => rollouts >= LONG_ROLLOUTS || !/^(deed|race) /.test(thing));
  const isLost = told.lostInARow >= LOST_MOST;
  const isWanting = !isOver && !isLost && due.length > 0;
  print([...reachLines(told.reach), '', ...figures(told)]);
  if (isLost) print([`Ended early: none of the last ${LOST_MOST} worlds could be played; what they say above is why.`]);
  if (isOver) print([`Ended early by Ctrl-C, after ${told.rollouts} of ${rollouts} rollouts.`]);
  if (isWanting) print([`Failed: a run of ${rollouts} rollouts has to meet ${due.join(', ')}.`]);
  return told.broken.length === 0 && !isWanting;
}

/** A line that is renewed in a terminal, and otherwise one now and then. */
function meanwhile(): (line: string) => void {
  let shownAt = 0;
  return (line) => {
    if (palette.wiped !== '') process.stderr.write(palette.wiped + palette.passing(line));
    else if (Date.now() - shownAt >= BETWEEN_LINES_MS) {
      shownAt = Date.now();
      console.error(line);
    }
  };
}

/** What was broken, at once, and then how it is played again. */
async function say({ what, remembered }: Told): Promise<void> {
  process.stderr.write(palette.wiped);
  print(what);
  const again = await remembered();
  process.stderr.write(palette.wiped);
  print([`  ${again}`]);
}

function figures(told: Campaign): string[] {
  const { opening, playing, auditing } = told.cpuMs;
  const all = opening + playing + auditing;
  const share = (part: number): string => `${Math.round((100 * part) / Math.max(1, all))} %`;
  return [
    `${told.rollouts} rollouts in ${told.worlds} ${told.worlds === 1 ? 'world' : 'worlds'}, ${Math.round(told.virtualHours)} virtual hours.`,
    `Of them ${told.worlds - told.seeds} of the corpus and ${told.seeds} of seeds; ${told.wired} over the wire, too.`,
    `${perRollout(told)} ms of processor time each: ${share(opening)} opening worlds, ${share(playing)} playing, ${share(auditing)} auditing.`,
    `Never met: ${missing(told.reach).join(', ') || 'nothing'}.`,
    `${worldsOf(told.broken.length)} broke a rule.`,
  ];
}

function worldsOf(count: number): string {
  if (count === 0) return 'No world';
  return count === 1 ? 'One world' : `${count} worlds`;
}

async function replay({ html, isShrunk }: Asked, what: string, assemblyOf: AssemblyOf): Promise<boolean> {
  const plan = planNamed(what);
  const file = html === undefined ? undefined : pictureFile(html, what);
  console.log(JSON.stringify(plan, undefined, 2));
  const goOn = exitAtInterrupt();
  let seen: Chronicle | undefined;
  const played = await playDue(plan, {
    assemblyOf,
    onTimeline: (entry) =>
      console.log(timelineLines(entry, { palette: paletteFor(process.stdout, process.env) }).join('\n')),
    ...(file !== undefined && { onChronicle: (chronicle) => (seen = chronicle) }),
  });
  const { violations, rollouts, traceDigest } = played;
  const verdict = violations.length === 0 ? ['Every rule was kept.'] : violations;
  print(['', `${rollouts} rollouts; trace ${traceDigest}.`, ...verdict]);
  if (file !== undefined && seen) {
    drawWorld(file, what, played, seen);
    print([`Its picture: ${file}`]);
  }
  goOn();
  if (isShrunk && violations.length > 0) await shortenReplayed(played, assemblyOf);
  return violations.length === 0;
}

async function shortenReplayed(played: Played, assemblyOf: AssemblyOf): Promise<void> {
  const isOver = followInterrupts(() => undefined);
  const shorten = shortenBy({ assemblyOf, openings: keepOpenings(), isOver, onTry: meanwhile() });
  await say({ ...createTeller({ shorten })(played), what: [] });
}

function planNamed(what: string): Plan {
  if (/^\d+$/.test(what)) return planOf(wholeNumber('replay', what, 0, 0xffff_ffff));
  const file = [what, join(CORPUS, `${what}.json`)].find((path) => existsSync(path));
  if (file === undefined)
    throw new Misuse(
      `--replay is "${what}", which is neither a seed nor a plan: give a whole number, or a file of campaign/corpus/ or its name`,
    );
  return readRemembered(file).plan;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Misuse)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
