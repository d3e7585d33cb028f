import { describe, expect, it } from 'vitest';
import { BUNDLED, constructId, HANDLER_NAMES, type HandlerName } from '../../infra/handler-table.ts';
import type { CallPoint, Point } from '../../rehearsal/faults/every-point.ts';
import { seededRandom } from '../../region/kernel/random.ts';
import { cellTemplate, resourcesOf } from '../infra/cell-template.ts';
import { STORIES, type Story } from './sweep-stories.ts';
import { differencesAfter, mishapsOf, nameOf, recordingOf, type Mishap } from './sweep.ts';

/**
 * `KILLS=all` lets everything go wrong at every call of a handler and at every event, in every story; `KILLS=…`, a
 * regular expression, whatever it matches (`a bad push: RollService ecs:UpdateService 1 dies after`). Otherwise a few of all are drawn, each time others:
 * `SEED=…` draws the same again.
 */
const { KILLS = 'drawn', SEED = String(Date.now() % 1_000_000) } = process.env;
const DRAWN = 6;

/** Granted, and no call of a handler. */
const NOT_CALLED: Readonly<Record<string, string>> = {
  'iam:PassRole': 'ECS asks for it when a revision is registered or rolled',
  'ecs:TagResource': 'ECS asks for it when a revision is registered with tags',
  'sqs:GetQueueAttributes': 'the tick asks once an hour, after all else: nothing depends on it',
  'logs:CreateLogStream': 'Lambda writes the logs itself',
  'logs:PutLogEvents': 'Lambda writes the logs itself',
  'xray:PutTraceSegments': 'Lambda sends traces itself',
  'xray:PutTelemetryRecords': 'Lambda sends traces itself',
};

/** Handlers that no story kills. */
const NEVER_KILLED: Readonly<Record<string, string>> = {
  'ensure-present': 'CloudFormation invokes it, before any story; ground.test.ts lets it come by what is there already',
};

/** All that can go wrong in a story; where it is as in a story before, once is enough. */
async function mishaps(story: Story): Promise<Mishap[]> {
  return mishapsOf(story, (await recordingOf(story)).own);
}

async function chosen(story: Story): Promise<Mishap[]> {
  const all = await mishaps(story);
  if (KILLS === 'all') return all;
  if (KILLS !== 'drawn') return all.filter((mishap) => new RegExp(KILLS).test(keyOf(mishap)));
  const drawn = new Set((await draw()).map(keyOf));
  return all.filter((mishap) => drawn.has(keyOf(mishap)) || story.always.includes(nameOf(mishap)));
}

function keyOf(mishap: Mishap): string {
  return `${mishap.story.name}: ${nameOf(mishap)}`;
}

/** Some of all that can go wrong, of all stories together, chosen by the seed. */
async function draw(): Promise<Mishap[]> {
  const random = seededRandom(Number(SEED));
  const all: Mishap[] = [];
  for (const story of STORIES) all.push(...(await mishaps(story)));
  const lots = all.map((mishap) => ({ mishap, lot: random.next() })).sort((one, other) => one.lot - other.lot);
  return lots.slice(0, DRAWN).map(({ mishap }) => mishap);
}

describe.each(STORIES)('$name', (story) => {
  it(`ends alike whatever goes wrong once (KILLS=${KILLS} SEED=${SEED})`, { timeout: 7_200_000 }, async () => {
    const played = await chosen(story);
    console.log(`${story.name}: ${played.length} of ${(await mishaps(story)).length} mishaps, SEED=${SEED}`);
    const differences: string[] = [];
    for (const mishap of played) {
      const found = (await differencesAfter(mishap)).map((difference) => `${nameOf(mishap)}: ${difference}`);
      // A long run says at once what it finds.
      for (const difference of found) console.log(difference);
      differences.push(...found);
    }
    expect(differences).toEqual([]);
    if (KILLS === 'drawn' || KILLS === 'all')
      expect(played.map(nameOf)).toEqual(expect.arrayContaining([...story.always]));
  });
});

it('come by every call that a handler is granted', { timeout: 1_800_000 }, async () => {
  const points = (await Promise.all(STORIES.map(recordingOf))).flatMap((recording) => recording.points.filter(isCall));
  const passed = new Set(points.map(({ function: handler, operation }) => `${handler} ${operation}`));
  const granted = grantedCalls();
  const calls = granted.filter((call) => !(call.split(' ')[1]! in NOT_CALLED));
  expect([...passed].sort()).toEqual(calls.sort());
  expect(Object.keys(NOT_CALLED).filter((action) => !granted.some((call) => call.endsWith(` ${action}`)))).toEqual([]);
  const met = new Set(points.map(({ function: handler }) => handler));
  expect(BUNDLED.filter((name) => !met.has(constructId(name as HandlerName)))).toEqual(Object.keys(NEVER_KILLED));
});

/** `Conclude sns:Publish`: what each handler of a cell with everything in it may call. */
function grantedCalls(): string[] {
  const roles = resourcesOf(
    cellTemplate({ registry: {}, provision: { port: 8000 }, notify: { started: true } }),
    'AWS::IAM::Role',
  );
  return HANDLER_NAMES.map(constructId).flatMap((handler) => {
    const policies = roles.get(`Handlers${handler}Role`)!.Properties.Policies;
    const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const actions = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
    return [...new Set(actions)].map((action) => `${handler} ${action}`);
  });
}

function isCall(point: Point): point is CallPoint {
  return point.at === 'call';
}
