import { existsSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Chronicle } from '../picture/chronicle.ts';
import { pageHtml, type Page } from '../picture/page.ts';
import type { SidecarOptions } from '../rehearsal/surroundings.ts';
import { Misuse } from './command-line.ts';
import type { Plan, Policy } from './plan.ts';
import type { Played } from './play-plan.ts';

/** Where the picture is to be written; an empty name is made from what is replayed. Throws {@link Misuse} before hours are played in vain. */
export function pictureFile(file: string, what: string): string {
  const path = resolve(file === '' ? `campaign-${basename(what, '.json')}.html` : file);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new Misuse(`--html is "${file}", which is a folder: name a file in it`);
  if (!existsSync(dirname(path)))
    throw new Misuse(`--html is "${file}", and there is no folder ${dirname(path)}: make it, or name another file`);
  return path;
}

/** Writes the picture of a world that was played. */
export function drawWorld(path: string, what: string, played: Played, chronicle: Chronicle): void {
  writeFileSync(path, pageHtml(pageOf(what, played, chronicle)));
}

/** The page of a world: what rules it broke first, then how to play it again, then what happened. */
export function pageOf(what: string, { plan, violations, rollouts, traceDigest }: Played, chronicle: Chronicle): Page {
  const distinct = [...new Set(violations)];
  const broken = distinct.length === 1 ? 'a rule was broken once' : `rules were broken ${distinct.length} times`;
  const verdict = distinct.length === 0 ? 'every rule was kept' : broken;
  return {
    title: `Campaign, seed ${plan.seed}`,
    sentence: `${rollouts} ${rollouts === 1 ? 'rollout' : 'rollouts'} of ${chronicle.service}; ${verdict}.`,
    facts: [
      { name: 'Play it again', value: `npm run campaign -- --replay ${what} --html` },
      { name: 'Region', value: plan.region },
      { name: 'Cell', value: cellOf(plan) },
      { name: 'Service', value: serviceOf(plan) },
      { name: 'Trace', value: traceDigest },
    ],
    violations: distinct,
    worlds: [{ chronicle }],
  };
}

function cellOf({ setting }: Plan): string {
  const { tag, bakeTimeSeconds, isProvisioned, policy = 'plain' } = setting;
  const kept = policy === 'plain' ? [] : [POLICY_WORDS[policy]];
  return [
    `tag policy ${tag}`,
    `bake time ${bakeTimeSeconds} s`,
    isProvisioned ? 'provisioned' : 'adopted',
    ...kept,
  ].join(', ');
}

const POLICY_WORDS: Readonly<Record<Exclude<Policy, 'plain'>, string>> = {
  'keeps-images': 'keeps images',
  deregisters: 'deregisters failed revisions',
  hasty: 'hasty',
  brief: 'brief: ten minutes are the deadline',
};

/** A provisioned service is as its stack has it. */
function serviceOf({ service, setting }: Plan): string {
  if (setting.isProvisioned) return 'as its stack has it';
  const { desiredCount, circuitBreaker, hasHealthCheck, minimumHealthyPercent, maximumPercent } = service;
  const { isPinned, sidecar, members = {}, taskDefinition = {} } = service;
  const told = [
    desiredCount === undefined ? undefined : `desired ${desiredCount}`,
    minimumHealthyPercent === undefined ? undefined : `at least ${minimumHealthyPercent} %`,
    maximumPercent === undefined ? undefined : `at most ${maximumPercent} %`,
    circuitBreaker === undefined ? undefined : `circuit breaker ${circuitBreaker}`,
    hasHealthCheck === undefined ? undefined : hasHealthCheck ? 'health check' : 'no health check',
    isPinned === undefined ? undefined : isPinned ? 'first image by digest' : 'first image by tag',
    sidecar === undefined ? undefined : sidecarWords(sidecar),
    ...Object.keys({ ...members, ...taskDefinition }).map((member) => `its own ${member}`),
  ].filter((one) => one !== undefined);
  return told.length === 0 ? 'as every other' : told.join(', ');
}

const ESSENTIAL_WORDS: Readonly<Record<SidecarOptions['essential'], string>> = {
  main: 'not essential',
  sidecar: 'alone essential',
  both: 'essential, too',
};

/** Where its image lies, whether its end is the task's, and what it does if that is not to run healthily. */
function sidecarWords({ image, essential, behaviour, afterSeconds }: SidecarOptions): string {
  const acts =
    behaviour === undefined ? [] : [afterSeconds === undefined ? behaviour : `${behaviour} after ${afterSeconds} s`];
  return `sidecar (${[image.replace('-', ' '), ESSENTIAL_WORDS[essential], ...acts].join('; ')})`;
}
