import { describe, expect, it } from 'vitest';
import type { handler as acceptIntent } from '../../functions/accept-intent.ts';
import type { handler as awaitTurn } from '../../functions/await-turn.ts';
import type { handler as conclude } from '../../functions/conclude.ts';
import type { handler as preflight } from '../../functions/preflight.ts';
import type { handler as registerRevision } from '../../functions/register-revision.ts';
import type { handler as rollService } from '../../functions/roll-service.ts';
import type { handler as watchRollout } from '../../functions/watch-rollout.ts';
import { readDefinition, type State } from '../../infra/definition.ts';
import {
  config,
  decision as decisionOf,
  deployment,
  digest,
  execution,
  image,
  revision,
  target,
} from '../functions/rollout/given.ts';
import { evaluate } from './evaluate.ts';

const { States } = readDefinition();
const STATES = Object.entries(States);

type Told<Handler extends (input: never) => unknown> = Parameters<Handler>[0];

/** What every Task state tells its function; the compiler knows what the function wants. */
interface Payloads {
  readonly AcceptIntent: Told<typeof acceptIntent>;
  readonly AwaitTurn: Told<typeof awaitTurn>;
  readonly Preflight: Told<typeof preflight>;
  readonly RegisterRevision: Told<typeof registerRevision>;
  readonly RollService: Told<typeof rollService>;
  readonly AwaitSteadyState: Told<typeof watchRollout>;
  readonly Bake: Told<typeof watchRollout>;
  readonly RollBack: Told<typeof rollService>;
  readonly AwaitRollback: Told<typeof watchRollout>;
  readonly Conclude: Told<typeof conclude>;
}

/** Where a rollout stands in the middle of everything; each value occurs once, so that none can pass for another. */
const rolloutId = 'r1';
const executionArn = execution('r1');
const startedAt = '2026-01-02T03:04:05.678Z';
const chosen = { image: image('a'), rollbackTarget: target('b', 3) };
const decision = { ...decisionOf(), ...chosen };
const rolled = { taskDefinition: revision(4), deploymentId: deployment(4), since: 1_000, deadline: 901_000 };
const back = { taskDefinition: revision(3), deploymentId: deployment(5), since: 2_000, deadline: 902_000 };
const ending = { step: 'Bake', word: 'failed', reason: 'Crashed', message: 'It crashed.' } as const;
const cause = { step: 'AwaitSteadyState', word: 'failed', reason: 'Stuck', message: 'It is stuck.' } as const;
const variables = {
  config: config(),
  release: 'r',
  rolloutId,
  executionArn,
  startedAt,
  input: { config: { bakeTimeSeconds: 7 }, release: 'mine', rolloutId: 'mine' },
  decision,
  clearance: { base: revision(2), imageDigests: [digest('a'), digest('c')], bakeTimeSeconds: 61, checked: ['app'] },
  revision: { taskDefinition: revision(4) },
  rolled,
  back,
  ending,
  cause,
  waits: [60, 300, 600, 1200],
  pause: 15,
  visit: 1,
  bakeSince: 50_000,
  bakeUntil: 110_000,
  trail: [{ state: 'AcceptIntent', enteredAt: startedAt, word: 'roll' }],
};

const told = { config: config(), rolloutId };
const watching = { ...told, token: 't', waitSeconds: 300 };
const { imageDigests, checked } = variables.clearance;

const PAYLOADS: Payloads = {
  AcceptIntent: { ...told, executionArn, startedAt, input: variables.input },
  AwaitTurn: {
    rolloutId,
    executionArn,
    startedAt,
    token: 't',
    isPersons: false,
    image: null,
    request: null,
    trigger: null,
  },
  Preflight: { ...told, decision },
  RegisterRevision: { ...told, decision, base: revision(2), remark: '' },
  RollService: { ...told, state: 'RollService', taskDefinition: revision(4) },
  AwaitSteadyState: { ...watching, ...rolled, state: 'AwaitSteadyState', kind: 'steady', imageDigests, checked },
  Bake: {
    ...watching,
    ...rolled,
    state: 'Bake',
    kind: 'bake',
    imageDigests,
    checked,
    // Not since the roll: before the service was steady, one crash was forgiven.
    since: 50_000,
    until: 110_000,
    deadline: 710_000,
    // What Preflight found, which may be longer than the configuration says.
    bakeTimeSeconds: 61,
  },
  // The ledger knows what it goes back to, and what that may show.
  RollBack: { ...told, state: 'RollBack', cause },
  AwaitRollback: { ...watching, ...back, state: 'AwaitRollback', kind: 'rollback' },
  Conclude: {
    ...told,
    executionArn,
    startedAt,
    ending,
    cause,
    decision,
    rolled,
    back,
    trail: variables.trail,
    enteredAt: '2026-01-02T04:05:06.789Z',
  },
};

describe('the arguments', () => {
  it.each(Object.entries(PAYLOADS))('of %s are these, member by member', async (name, payload) => {
    expect(await payloadOf(name)).toEqual(payload);
  });

  it('name no container as checked where Preflight of an older release did not look', async () => {
    const { checked: _checked, ...clearance } = variables.clearance;
    for (const name of ['AwaitSteadyState', 'Bake'])
      expect(await payloadOf(name, { clearance })).toMatchObject({ checked: null });
  });

  it('are compared for every Task state', () => {
    const tasks = STATES.filter(([, { Type }]) => Type === 'Task').map(([name]) => name);
    expect(Object.keys(PAYLOADS).sort()).toEqual(tasks.sort());
  });

  it('tell that a person waits', async () => {
    expect(await payloadOf('AwaitTurn', { decision: { ...decision, request: {} } })).toMatchObject({ isPersons: true });
    const waiting = await payloadOf('AwaitTurn', { decision: { ...decision, pushed: image('d'), trigger: 'push' } });
    expect(waiting).toMatchObject({ image: image('d'), trigger: 'push' });
    const asked = await payloadOf('AwaitTurn', { decision: { ...decision, request: { rollback: true } } });
    expect(asked).toMatchObject({ request: { rollback: true } });
  });
});

describe('the configuration', () => {
  it.each(['config', 'release'])('enters the machine in Configure and nowhere else: %s', (name) => {
    const assigning = STATES.filter(([, state]) => assignsOf(state).some((assigned) => name in assigned));
    expect(assigning.map(([state]) => state)).toEqual(['Configure']);
    expect(JSON.stringify(States['Configure']!.Assign![name])).not.toContain('{%');
  });
});

describe('a watch', () => {
  const answer = { word: 'failed', reason: 'Crashed', message: 'It crashed.', at: 42_000 };

  it.each(['AwaitSteadyState', 'Bake', 'AwaitRollback'])(
    'of %s passes on how late an event was heard',
    async (name) => {
      const late = { ...answer, detectionLagSeconds: 3.5 };
      expect(await assigned(name, late)).toMatchObject({
        ending: { step: name, word: late.word, reason: late.reason, at: 42_000, detectionLagSeconds: 3.5 },
      });
      expect(await assigned(name, answer)).toMatchObject({ ending: { detectionLagSeconds: null } });
    },
  );

  it.each(['AwaitTurn', 'AwaitSteadyState', 'Bake', 'AwaitRollback'])(
    'of %s survives whatever a token is answered with',
    async (name) => {
      for (const forged of [
        'x',
        7,
        null,
        [],
        {},
        { word: 3, reason: {}, message: 9, at: 'now', detectionLagSeconds: '' },
      ])
        expect(await assigned(name, forged as object)).toMatchObject({
          ending: { step: name, word: 'none', message: '' },
        });
    },
  );

  it('that is steady starts the bake at the moment of the verdict, for as long as configured', async () => {
    const [bakes] = States['Steady?']!.Choices!;
    const begun = async (at: number) => {
      const states = { context: { State: { EnteredTime: '1970-01-01T01:00:00.000Z' } } };
      const from = { ...variables, ending: { ...answer, at }, clearance: { bakeTimeSeconds: 60 }, states };
      return evaluate(bakes!.Assign, from);
    };
    const bake = (since: number) => ({ visit: 0, troubles: 0, bakeSince: since, bakeUntil: since + 60_000 });
    expect(await begun(3_598_000)).toEqual(bake(3_598_000));
    // What nobody can have judged then does not put off the look.
    expect([await begun(1), await begun(9e15)]).toEqual([bake(1_800_000), bake(3_600_000)]);
  });

  it.each(['AwaitTurn', 'AwaitSteadyState', 'Bake', 'AwaitRollback'])(
    'of %s takes no answer for what was caught, and none that is longer than any state may be told',
    async (name) => {
      const long = 'x'.repeat(200_000);
      expect(await assigned(name, { word: 'error' })).toMatchObject({ ending: { word: 'none' } });
      const { ending } = (await assigned(name, { word: long, reason: long, message: long })) as { ending: object };
      expect(JSON.stringify(ending).length).toBeLessThan(2500);
    },
  );
});

function payloadOf(name: string, changes: object = {}): Promise<unknown> {
  const context = { State: { Name: name, EnteredTime: '2026-01-02T04:05:06.789Z' }, Task: { Token: 't' } };
  return evaluate(States[name]!.Arguments!.Payload, { ...variables, ...changes, states: { context } });
}

function assigned(name: string, result: object): Promise<unknown> {
  return evaluate(States[name]!.Assign, { ...variables, states: { context: { State: { Name: name } }, result } });
}

function assignsOf(state: State): Readonly<Record<string, unknown>>[] {
  return [state, ...(state.Choices ?? []), ...(state.Catch ?? [])].map(({ Assign = {} }) => Assign);
}
