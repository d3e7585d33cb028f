import type { UpdateServiceRequest } from '@aws-sdk/client-ecs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, it } from 'vitest';
import { ruleOf } from '../../campaign/corpus.ts';
import { follow, type Happenings } from '../../campaign/happenings.ts';
import type { Plan } from '../../campaign/plan.ts';
import type { Pushed, Stage } from '../../campaign/stage.ts';
import { watchChanges } from '../../campaign/watch-changes.ts';
import { watchWorld } from '../../campaign/watches.ts';
import type { Caller } from '../../region/service.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { RecordView } from '../../rehearsal/cell/ledger-view.ts';
import type { ImageOptions } from '../../rehearsal/pushed-image.ts';
import { CANARIES } from '../../rehearsal/surroundings.ts';
import type { World } from '../../rehearsal/world.ts';
import { assemblyOf, inAnyWorld } from '../scenario/setting.ts';

const IMAGES: readonly ImageOptions[] = [{}, { behaviour: 'crash' }];
/** Nothing but pushes, so that every rule holds. */
const PLAN: Plan = {
  seed: 1,
  setting: { tag: 'exact', bakeTimeSeconds: 60, isProvisioned: false },
  region: 'us-east-1',
  service: {},
  steps: IMAGES.map((image) => ({ kind: 'push', image, afterSeconds: 0 })),
};

it('holds a world to every rule: what is wrong with one is found whichever rule it breaks', async () => {
  const { result } = await inAnyWorld(misusedWorld, { assembly: await assemblyOf({}) });
  const { sound, found } = result;
  expect(sound).toEqual([]);
  expect([...new Set(found.map(ruleOf))].sort()).toEqual([
    'back',
    'bake',
    'bounds',
    'choice',
    'effects',
    'end',
    'foreign',
    'minimal',
    'prompt',
    'rest',
    'secret',
    'turn',
    'untouched',
    'verdict',
  ]);
  const sentences = [
    /^back: A rollout put .* which names/,
    /^back: Rollout lost ended ROLLED_BACK/,
    /^foreign: Rollout \S+ ended ABORTED_EXTERNAL/,
    /^foreign: A rollout put/,
    /^end: Rollout \S+ ended Nobody\.Knows/,
    /^end: Rollout \S+ promised another try/,
    /^bounds: Rollout again-4 promised try 4 in a row/,
    /^bake: Rollout \S+ baked for/,
    /^end: Rollout \S+ ended ROLLED_BACK, and the last that ECS had said/,
    /^end: Rollout endless took \d+ s from its change of the service on/,
    /^rest: Ticks started \d+ rollouts that changed nothing/,
    /^back: A rollout put \S+ back .* had succeeded last/,
  ];
  expect(sentences.filter((sentence) => !found.some((one) => sentence.test(one)))).toEqual([]);
});

/** What is found in a world in which one rollout succeeds and one goes back, and in the same one once it does and says what is wrong. */
async function misusedWorld(world: World): Promise<{ readonly sound: string[]; readonly found: string[] }> {
  const roller = followRoller(world);
  const pushes: Pushed[] = [];
  const honest = watched(world, pushes);
  const wrong = watched(forged(world), pushes, withEndless);
  const restless = watched(idle(world), pushes, byTicks);
  for (const image of IMAGES) {
    pushes.push({ digest: await world.push(image), tag: 'live' });
    await world.untilRolloutEnds();
    await world.advance(1);
  }
  const sound = await honest();
  await misuse(world, roller());
  return { sound, found: [...(await wrong()), ...(await restless())] };
}

function watched(
  world: World,
  pushes: Pushed[],
  withForgeries = (told: Happenings): Happenings => told,
): () => Promise<string[]> {
  const stage = { world, pushes, told: withForgeries(follow(world)) } as unknown as Stage;
  return watchWorld(stage, PLAN, watchChanges(world));
}

/** A rollout that never ended, beside what happened. */
function withEndless(told: Happenings): Happenings {
  const endless = { at: 0, rollout: 'endless', state: 'RollService' };
  return {
    ...told,
    get entries() {
      return [...told.entries, endless];
    },
  };
}

/** As if ticks had started all that was started. */
function byTicks(told: Happenings): Happenings {
  return {
    ...told,
    get starts() {
      return told.starts.map((start) => ({ ...start, isTick: true }));
    },
  };
}

/** A world whose rollouts all say that they changed nothing, seven times. */
function idle(world: World): World {
  const rollouts: World['rollouts'] = () =>
    Array.from({ length: 7 }, () => world.rollouts().map((rollout) => ({ ...rollout, outcome: 'NO_CHANGE' }))).flat();
  return Object.assign(Object.create(world) as World, { rollouts });
}

/** The role that puts revisions on the service. */
function followRoller({ region }: World): () => Caller {
  let roller: Caller | undefined;
  region.onApplied(({ caller, operation }) => {
    if (operation === 'UpdateService' && caller?.kind === 'role') roller = caller;
  });
  return () => roller!;
}

const UNHEARD_OF = { digest: 'sha256:unheard-of' };

/** A world whose records and executions say what did not happen. */
function forged(world: World): World {
  const history = async (): Promise<RecordView[]> => {
    const [record] = await world.history();
    if (!record) return [];
    const { startedAt } = record;
    const now = world.region.kernel.now;
    return [
      { ...record, outcome: 'HELD', endedAt: now },
      { ...record, rolloutId: 'again', endedAt: now - 3_600_000, triedAgainAt: now - 3_000_000 },
      { ...record, outcome: 'FAILED_ROLLBACK', rolloutId: 'down' },
      { ...record, outcome: 'ABORTED_EXTERNAL', rolloutId: 'external', endedAt: startedAt },
      { ...record, outcome: 'ROLLED_BACK', rolloutId: 'moving', endedAt: startedAt + 30_000 },
      ...[1, 2, 3, 4].map((time) => ({ ...record, rolloutId: `again-${time}`, trigger: 'tick', triedAgainAt: now })),
      { ...record, rolloutId: 'chosen', request: { rollback: true }, image: { digest: 'sha256:old' } },
      { ...record, outcome: 'SUCCEEDED', rolloutId: 'early', endedAt: record.endedAt - 30_000, image: UNHEARD_OF },
    ];
  };
  const rollouts: World['rollouts'] = () =>
    world.rollouts().flatMap((rollout) => [
      { ...rollout, outcome: 'SUPERSEDED' },
      { ...rollout, status: 'FAILED', outcome: 'Nobody.Knows' },
    ]);
  const notifications = (): never => Object.values(CANARIES) as never;
  return Object.assign(Object.create(world) as World, { region: lateRegion(world), history, rollouts, notifications });
}

/** A region in which rollouts seem to have baked for two minutes more. */
function lateRegion({ region }: World): World['region'] {
  const onStateEntered: World['region']['states']['onStateEntered'] = (hear) =>
    region.states.onStateEntered((entry) =>
      hear(entry.state === 'Bake' ? { ...entry, at: entry.at - 120_000 } : entry),
    );
  const states = Object.assign(Object.create(region.states) as typeof region.states, { onStateEntered });
  return Object.assign(Object.create(region) as typeof region, { states });
}

/** Does to AWS what no sound stack does. */
async function misuse(world: World, roller: Caller): Promise<void> {
  const { region, config, cell } = world;
  const { cluster, serviceName: service, family } = config;
  const [{ taskDefinition } = {}] = await world.history();
  const update = (caller: Caller, changes: Omit<UpdateServiceRequest, 'service'>): Promise<unknown> =>
    region.call(caller, 'ecs', 'UpdateService', { cluster, service, ...changes });
  // Its own revision once more, and what somebody else has deployed.
  await update(roller, { forceNewDeployment: true, taskDefinition });
  await update({ kind: 'operator' }, { forceNewDeployment: true });
  await world.advance(120);
  await update(roller, { taskDefinition: `${family}:1` });
  const said = { rolloutId: 'lost', outcome: 'ROLLED_BACK', taskDefinition: `:task-definition/${family}:1` };
  const Item = marshall({ service, entry: 'ended#lost', ...said, startedAt: region.kernel.now });
  await operate(region, 'dynamodb', 'PutItem', { TableName: cell.outputs['LedgerTable'], Item });
  region.events.setDelivery(() => 'never');
  await world.push();
  await world.advance(120);
  for (let calls = 0; calls < 1_800; calls++) {
    await region.call(roller, 'ecs', 'DescribeServices', { cluster, services: [service] });
    if (calls % 10 === 0) await world.advance(1);
  }
}
