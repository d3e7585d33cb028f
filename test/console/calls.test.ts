import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { listedCalls } from '../cli/verbs/listed-calls.ts';
import { openConsole, type OpenedConsole } from './opened-console.ts';

/** AWS's calls of the operator from then on, by action. */
function heard({ world: { region } }: OpenedConsole): () => string[] {
  const before = region.calls.length;
  return () =>
    region.calls
      .slice(before)
      .filter(({ caller }) => caller?.kind === 'operator')
      .flatMap(({ permissions }) => [...new Set(permissions.map(({ action }) => action))]);
}

it('asks nothing while no page is open', async () => {
  const console = await openConsole(1);
  const calls = heard(console);
  await console.pass(120);
  expect(calls()).toEqual([]);
});

it('asks for an idle service what status asks, with as many calls as are documented', async () => {
  const console = await openConsole(1);
  await listen(console);
  const calls = heard(console);
  await lookTimes(console, calls, 5);
  const [least, most] = documented('idle');
  expect(perLook(calls)).toBeGreaterThanOrEqual(least);
  expect(perLook(calls)).toBeLessThanOrEqual(most);
  expect(listedCalls('status')).toEqual(expect.arrayContaining(calls().filter((action) => !BESIDE.includes(action))));
});

it('asks for a service that rolls what is listed, with as many calls as are documented', async () => {
  const console = await openConsole(1);
  await listen(console);
  await console.world.push();
  await console.pass(35);
  const calls = heard(console);
  await lookTimes(console, calls, 5);
  const [least, most] = documented('rolling');
  expect(perLook(calls)).toBeGreaterThanOrEqual(least);
  expect(perLook(calls)).toBeLessThanOrEqual(most);
  expect(listedCalls('console')).toEqual(expect.arrayContaining(calls().filter((action) => !BESIDE.includes(action))));
  expect(calls()).toEqual(expect.arrayContaining(['ecs:ListTasks', 'ecs:DescribeTasks', 'states:GetExecutionHistory']));
});

/** Who calls, and which services there are: once, and every five minutes. */
const BESIDE = ['sts:GetCallerIdentity', 'ssm:GetParametersByPath'];
const LOOK = 'dynamodb:GetItem';
const looksIn = (calls: () => string[]): number => calls().filter((action) => action === LOOK).length;
/** The most from one look to the next, whatever order its calls come in: the last one may still be under way. */
function perLook(calls: () => string[]): number {
  const at = calls().flatMap((action, index) => (action === LOOK ? [index] : []));
  return Math.max(...at.slice(1).map((index, nth) => index - at[nth]!));
}

/** Lets time pass until so many looks were taken: whoever looks over the wire does not keep up with time that flies. */
async function lookTimes(console: OpenedConsole, calls: () => string[], times: number): Promise<void> {
  while (looksIn(calls) < times) {
    const before = looksIn(calls);
    while (looksIn(calls) === before) await console.pass(2);
  }
}

/** Calls for one look, at least and at most, as docs/console.md tells them. */
function documented(kind: 'idle' | 'rolling'): readonly [least: number, most: number] {
  const text = readFileSync(new URL('../../docs/console.md', import.meta.url), 'utf8');
  const [, least, most] = new RegExp(`^\\| ${kind}[^|]*\\| *(\\d+) to (\\d+) `, 'm').exec(text)!;
  return [Number(least), Number(most)];
}

/** Opens the stream of events, as a page does. */
async function listen({ address }: OpenedConsole): Promise<void> {
  const { host, port, origin, hash } = new URL(address);
  const code = hash.replace('#code=', '');
  const answer = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
  const sent = request({ host: '127.0.0.1', port, path: '/events', headers: { cookie, host } });
  sent.on('response', (response) => response.resume());
  sent.on('error', () => {});
  sent.end();
  onTestFinished(() => void sent.destroy());
}
