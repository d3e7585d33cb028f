import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Chronicle } from '../picture/chronicle.ts';
import { pageHtml, type Page } from '../picture/page.ts';
import type { Plan } from './plan.ts';
import type { Played } from './play-plan.ts';

/** Writes the picture of a world that was played; answers its file. An empty `file` is named after what was replayed. */
export function drawWorld(file: string, what: string, played: Played, chronicle: Chronicle): string {
  const path = resolve(file === '' ? `campaign-${basename(what, '.json')}.html` : file);
  writeFileSync(path, pageHtml(pageOf(what, played, chronicle)));
  return path;
}

/** The page of a world: what rules it broke first, then how to play it again, then what happened. */
export function pageOf(what: string, { plan, violations, rollouts, traceDigest }: Played, chronicle: Chronicle): Page {
  const distinct = [...new Set(violations)];
  const times = distinct.length === 1 ? 'once' : `${distinct.length} times`;
  const verdict = distinct.length === 0 ? 'every rule was kept' : `a rule was broken ${times}`;
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
  const { tag, bakeTimeSeconds, isProvisioned } = setting;
  return `tag policy ${tag}, bake time ${bakeTimeSeconds} s, ${isProvisioned ? 'provisioned' : 'adopted'}`;
}

/** A provisioned service is as its stack has it. */
function serviceOf({ service, setting }: Plan): string {
  if (setting.isProvisioned) return 'as its stack has it';
  const { desiredCount, circuitBreaker, hasHealthCheck, minimumHealthyPercent, maximumPercent } = service;
  return [
    `desired ${desiredCount}`,
    `${minimumHealthyPercent} to ${maximumPercent} %`,
    `circuit breaker ${circuitBreaker}`,
    hasHealthCheck ? 'health check' : 'no health check',
  ].join(', ');
}
