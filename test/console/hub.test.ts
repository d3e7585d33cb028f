import { describe, expect, it } from 'vitest';
import type { ServiceDocument } from '../../console/documents.ts';
import { openHub, type Clock, type Message } from '../../console/server/hub.ts';
import { givenSource } from './given-source.ts';
import { OWNER, service, standing } from './given-rollouts.ts';

/** A clock that a test moves; it tells how long its sleepers want to sleep. */
function movedClock(): Clock & { pass(ms: number): Promise<void>; sleeping(): number[] } {
  let now = 0;
  const sleepers = new Set<{ ms: number; until: number; wake: () => void }>();
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = { ms, until: now + ms, wake: () => (sleepers.delete(sleeper), resolve()) };
        sleepers.add(sleeper);
        if (signal.aborted) sleeper.wake();
        signal.addEventListener('abort', sleeper.wake);
      }),
    // Beside whoever looks for new services every five minutes.
    sleeping: () => [...sleepers].filter(({ ms }) => ms !== 300_000).map(({ until }) => until - now),
    async pass(ms) {
      await settle();
      now += ms;
      for (const sleeper of [...sleepers]) if (sleeper.until <= now) sleeper.wake();
      await settle();
    },
  };
}

const ROLLING: ServiceDocument = service({ standing: standing({ rollout: OWNER }) });

describe('the hub', () => {
  it('looks every 30 s at a service on which nothing happens, once however many pages are open', async () => {
    const clock = movedClock();
    const source = givenSource([service()]);
    const hub = openHub(source, clock);
    await clock.pass(60_000);
    expect(source.looks).toHaveLength(0);
    const leave = [hub.subscribe(() => {}), hub.subscribe(() => {})];
    await clock.pass(0);
    expect([source.looks.length, clock.sleeping()]).toEqual([1, [30_000]]);
    await clock.pass(30_000);
    expect(source.looks).toHaveLength(2);
    leave.forEach((end) => end());
    await clock.pass(90_000);
    expect([source.looks.length, clock.sleeping()]).toEqual([2, []]);
  });

  it('looks soon after something happened while it rolls, and seldom while nothing does', async () => {
    const clock = movedClock();
    const source = givenSource([ROLLING]);
    openHub(source, clock).subscribe(() => {});
    const waits: number[] = [];
    for (let look = 0; look < 6; look++) {
      await clock.pass(0);
      waits.push(clock.sleeping()[0]!);
      await clock.pass(waits.at(-1)!);
    }
    expect(waits).toEqual([2000, 3000, 4500, 6750, 10_000, 10_000]);
    source.documents = [
      { ...ROLLING, history: [], standing: standing({ rollout: { ...OWNER, executionStatus: 'FAILED' } }) },
    ];
    await clock.pass(10_000);
    expect(clock.sleeping()).toEqual([2000]);
  });

  it.each([
    ['what is silent is asked for again soon', { trouble: { kind: 'silent' as const, message: '', since: '' } }, 2000],
    ['what may not be read is not', { trouble: { kind: 'denied' as const, message: '', since: '' } }, 30_000],
  ])('%s', async (_, changes, wait) => {
    const clock = movedClock();
    openHub(givenSource([service(changes)]), clock).subscribe(() => {});
    await clock.pass(0);
    expect(clock.sleeping()).toEqual([wait]);
  });

  it('looks the more seldom the more services there are', async () => {
    const clock = movedClock();
    openHub(
      givenSource(Array.from({ length: 90 }, (_, index) => service({ service: `prod/s${index}` }))),
      clock,
    ).subscribe(() => {});
    await clock.pass(0);
    expect(new Set(clock.sleeping())).toEqual(new Set([90_000]));
  });

  it('looks at once where something was done', async () => {
    const clock = movedClock();
    const source = givenSource([service()]);
    const hub = openHub(source, clock);
    hub.subscribe(() => {});
    await clock.pass(0);
    hub.hurry('production/api');
    await clock.pass(0);
    expect(source.looks).toHaveLength(2);
  });

  it('tells whoever opens everything that is known, and then whole documents', async () => {
    const clock = movedClock();
    const hub = openHub(givenSource([service()]), clock);
    const told: Message[][] = [[], []];
    hub.subscribe((message) => told[0]!.push(message));
    await clock.pass(0);
    hub.subscribe((message) => told[1]!.push(message));
    expect(told[0]!.map(({ event }) => event)).toEqual(['snapshot', 'snapshot', 'service']);
    expect(told[0]![0]).toMatchObject({ data: { services: [{ service: 'production/api', history: [] }] } });
    expect(told[0]![2]).toEqual({ event: 'service', data: service() });
    expect(told[1]).toEqual([
      {
        event: 'snapshot',
        data: { place: expect.objectContaining({ account: '123456789012' }) as object, services: [service()] },
      },
    ]);
  });
});
