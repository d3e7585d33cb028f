import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Workflow } from './workflows.ts';

/** A variable that the application's folder says its container reads. */
export interface Variable {
  readonly name: string;
  /** The file that names it. */
  readonly from: string;
  /**
   * `secret`: belongs into a parameter. `setting`: may be read by anybody. `credentials`: AWS's own, which a task has from its role.
   * `open`: nobody says what it holds.
   */
  readonly kind: 'secret' | 'setting' | 'credentials' | 'open';
  /** Of a setting. */
  readonly value?: string;
}

/** Files that name the variables, with made-up values; `.env` itself is never read. */
const SAMPLES = ['.env.sample', '.env.example', '.env.template', '.env.dist', 'env.sample', 'env.example'];

/** The variables that a sample of the `.env` file and the workflows that write one name, each once; whoever says what it holds counts. */
export function readVariables(folder: string, workflows: readonly Workflow[]): Variable[] {
  const written = workflows.flatMap(({ file, envFile }) => [...envFile].map((each) => writtenBy(file, ...each)));
  const passed = workflows.flatMap(({ file, buildArguments }) =>
    buildArguments.filter(isCredential).map((name) => ({ name, from: file, kind: 'credentials' as const })),
  );
  const sample = SAMPLES.find((name) => existsSync(join(folder, name)));
  const sampled = sample === undefined ? [] : variablesIn(readFileSync(join(folder, sample), 'utf8'), sample);
  const all = [...written, ...sampled, ...passed];
  return [...new Set(all.map(({ name }) => name))].map((name) => {
    const naming = all.filter((variable) => variable.name === name);
    return naming.find(({ kind }) => kind !== 'open') ?? naming[0]!;
  });
}

/** Whether a variable holds AWS credentials, which belong neither into an image nor into a parameter. */
export function isCredential(name: string): boolean {
  return /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)$/.test(name);
}

/** The variables of a sample file: `NAME=value`, quoted or not. */
export function variablesIn(text: string, from: string): Variable[] {
  return [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(.*)$/gm)].map(([, name, rest]) => {
    const value = /^(["'])(.*)\1/.exec(rest!)?.[2] ?? rest!.replace(/(?:^|\s+)#.*$/, '').trim();
    return sampleOf(name!, value, from);
  });
}

const SECRET = /SECRET|TOKEN|PASSW(OR)?D|CREDENTIAL|PRIVATE|(^|_)(API_?KEY|KEY|PWD|DSN|SAS)(_|$)/i;
/** An address with a password in it. */
const PASSWORD = /:\/\/[^/\s:]*:[^/\s@]+@/;
/** What stands in a sample for a value that everybody has to fill in. */
const MADE_UP =
  /^(123\d*|x+|\*+|abc|foo|bar|todo|none|null|dummy|test|example|change[-_ ]?me)$|^<.*>$|\.\.+$|\byour\b|change[-_]?me/i;

function sampleOf(name: string, value: string, from: string): Variable {
  if (isCredential(name)) return { name, from, kind: 'credentials' };
  if (value === '') return { name, from, kind: 'open' };
  if (SECRET.test(name) || PASSWORD.test(value)) return { name, from, kind: 'secret' };
  return MADE_UP.test(value) ? { name, from, kind: 'open' } : { name, from, kind: 'setting', value };
}

/** Of another expression than a secret, or of a variable of the shell, nobody says here what it holds. */
function writtenBy(from: string, name: string, text: string): Variable {
  if (/\$\{\{[^}]*\bsecrets\b/.test(text) && !isCredential(name)) return { name, from, kind: 'secret' };
  return sampleOf(name, /\$/.test(text) ? '' : text, from);
}
