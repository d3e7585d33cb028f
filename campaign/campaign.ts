import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Chronicle } from '../picture/chronicle.ts';
import { keepOpenings } from '../rehearsal/openings.ts';
import { paletteFor } from '../timeline/palette.ts';
import { timelineLine } from '../timeline/timeline.ts';
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
import { CORPUS, readRemembered, remember, ruleOf } from './corpus.ts';
import { drawWorld, pictureFile } from './draw-world.ts';
import { planOf } from './generate-plan.ts';
import { listLines, playMutants } from './play-mutants.ts';
import type { Plan } from './plan.ts';
import type { Played } from './play-plan.ts';
import { jobsFor, startPlayers } from './players.ts';
import { perRollout, progressLine } from './progress.ts';
import { missing, reachLines } from './reach.ts';
import { LOST_MOST, runCampaign, type Campaign } from './run-campaign.ts';
import { shrink } from './shrink.ts';
import type { AssemblyOf } from './stage.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Runs that long must meet everything; every run meets each outcome, state, edge and fault, as plans of the corpus reach them. */
const LONG_ROLLOUTS = 100_000;
const BETWEEN_LINES_MS = 10_000;
const ROOT = join(import.meta.dirname, '..');

const palette = paletteFor(process.stderr, process.env);

/** Does what was asked for; answers whether no world broke a rule. */
async function main(args: readonly string[]): Promise<boolean> {
  if (asksForHelp(args)) return say(USAGE);
  refuseTakenByNpm(process.env);
  const asked = readCommandLine(args);
  if (asked.isList) return say(listLines());
  return asked.mutants ? playMutants(asked.mutants, asked) : play(asked);
}

function say(lines: readonly string[]): true {
  console.log(lines.join('\n'));
  return true;
}

async function play(asked: Asked): Promise<boolean> {
  const scratch = mkdtempSync(join(tmpdir(), 'rollouts-campaign-'));
  try {
    const assemblyOf = assembliesIn(scratch);
    return await (asked.replay === undefined
      ? campaign(asked, assemblyOf)
      : replay(asked.replay, asked.html, assemblyOf));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function campaign(asked: Asked, assemblyOf: AssemblyOf): Promise<boolean> {
  const { rollouts, seed, isShrunk } = asked;
  const jobs = asked.jobs ?? jobsFor(rollouts, availableParallelism());
  const players = jobs === 1 ? undefined : startPlayers(jobs);
  const show = progress(rollouts);
  const openings = keepOpenings();
  let isOver = false;
  // The world that is being played is played to its end, and everything is told; who cannot wait interrupts again.
  process.once('SIGINT', () => (isOver = true));
  const { broken, ...told } = await runCampaign({
    rollouts,
    seed,
    jobs,
    play: players?.play ?? ((plan) => playDue(plan, { assemblyOf, openings })),
    isOver: () => isOver,
    onPlayed: async (soFar, played) => {
      show(soFar, played.plan.seed);
      if (played.violations.length > 0) await tell(played, isShrunk, assemblyOf);
    },
  });
  players?.close();
  const missed = missing(told.reach);
  console.log([...reachLines(told.reach), '', ...figures({ broken, ...told })].join('\n'));
  const due = missed.filter((thing) => rollouts >= LONG_ROLLOUTS || !/^(deed|race) /.test(thing));
  const isLost = told.lostInARow >= LOST_MOST;
  if (isLost)
    console.log(`Ended early: none of the last ${LOST_MOST} worlds could be played; what they say above is why.`);
  const isWanting = !isOver && !isLost && due.length > 0;
  if (isWanting) console.log(`Failed: a run of ${rollouts} rollouts has to meet ${due.join(', ')}.`);
  return broken.length === 0 && !isWanting;
}

/** A line that is renewed in a terminal, and otherwise one now and then. */
function progress(rollouts: number): (soFar: Campaign, seed: number) => void {
  const beganAt = Date.now();
  let shownAt = 0;
  return (soFar, seed) => {
    const line = progressLine({ soFar, seed, rollouts, elapsedMs: Date.now() - beganAt });
    if (palette.wiped !== '') process.stderr.write(palette.wiped + palette.passing(line));
    else if (Date.now() - shownAt >= BETWEEN_LINES_MS) {
      shownAt = Date.now();
      console.error(line);
    }
  };
}

function figures(told: Campaign): string[] {
  const { opening, playing, auditing } = told.cpuMs;
  const all = opening + playing + auditing;
  const share = (part: number): string => `${Math.round((100 * part) / all)} %`;
  return [
    `${told.rollouts} rollouts in ${told.worlds} worlds, ${Math.round(told.virtualHours)} virtual hours.`,
    `${told.worlds - told.seeds} plans of the corpus and ${told.seeds} seeds, ${told.wired} of them over the wire, too.`,
    `${perRollout(told)} ms of processor time each: ${share(opening)} opening worlds, ${share(playing)} playing, ${share(auditing)} auditing.`,
    `Never met: ${missing(told.reach).join(', ') || 'nothing'}.`,
    `${told.broken.length === 0 ? 'No world' : `${told.broken.length} worlds`} broke a rule.`,
  ];
}

/** Says what was broken, writes the plan into the corpus, and how it is played again. */
async function tell(played: Played, isShrunk: boolean, assemblyOf: AssemblyOf): Promise<void> {
  const [why = ''] = played.violations;
  // It is in the corpus already.
  if (ruleOf(why) === 'reach') return console.log(`${palette.wiped}seed ${played.plan.seed} went astray: ${why}`);
  const whole = ruleOf(why) === 'door' ? played.plan : onOneDoor(played.plan);
  const plan = isShrunk ? await shortest(whole, why, assemblyOf) : whole;
  const file = relative(ROOT, remember({ why, plan }));
  const lines = [
    `seed ${played.plan.seed} broke ${played.violations.length === 1 ? 'a rule' : `rules ${played.violations.length} times`}:`,
    ...[...new Set(played.violations)].map((sentence) => `  ${sentence}`),
    `  ${plan.steps.length} of ${played.plan.steps.length} steps in ${file}; play it again: npm run campaign -- --replay ${file}`,
  ];
  console.log(palette.wiped + lines.join('\n'));
}

/** What breaks a rule past HTTP need not be played over the wire each time. */
function onOneDoor({ doors: _both, ...plan }: Plan): Plan {
  return plan;
}

function shortest(plan: Plan, why: string, assemblyOf: AssemblyOf): Promise<Plan> {
  const rule = ruleOf(why);
  return shrink(plan, async (tried) => {
    const { violations } = await playDue(tried, { assemblyOf });
    return violations.some((sentence) => ruleOf(sentence) === rule);
  });
}

async function replay(what: string, html: string | undefined, assemblyOf: AssemblyOf): Promise<boolean> {
  const plan = planNamed(what);
  const file = html === undefined ? undefined : pictureFile(html, what);
  console.log(JSON.stringify(plan, undefined, 2));
  let seen: Chronicle | undefined;
  const played = await playDue(plan, {
    assemblyOf,
    onTimeline: (entry) => console.log(timelineLine(entry, paletteFor(process.stdout, process.env))),
    ...(file !== undefined && { onChronicle: (chronicle) => (seen = chronicle) }),
  });
  const { violations, rollouts, traceDigest } = played;
  const verdict = violations.length === 0 ? ['Every rule was kept.'] : violations;
  console.log(['', `${rollouts} rollouts; trace ${traceDigest}.`, ...verdict].join('\n'));
  if (file !== undefined && seen) {
    drawWorld(file, what, played, seen);
    console.log(`Its picture: ${file}`);
  }
  return violations.length === 0;
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
