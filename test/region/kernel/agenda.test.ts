import { expect, it } from 'vitest';
import { Agenda, type Pending } from '../../../region/kernel/agenda.ts';
import { seededRandom } from '../../../region/kernel/random.ts';

it.each([1, 2])('names what is due as one who looks at everything would (seed %i)', (seed) => {
  const random = seededRandom(seed);
  const agenda = new Agenda();
  let waiting: Pending[] = [];
  const drop = ({ sequence }: Pending): void => {
    agenda.drop(sequence);
    waiting = waiting.filter((pending) => pending.sequence !== sequence);
  };
  for (let sequence = 0; sequence < 600; sequence++) {
    const pending = pendingAt(Math.floor(random.next() * 50), sequence);
    agenda.add(pending);
    waiting.push(pending);
    // Mostly fewer than are added, and now and then all but a few.
    const isPurged = sequence % 200 === 199;
    while (waiting.length > (isPurged ? 3 : 100) || random.next() < 0.3) {
      const dropped = waiting[Math.floor(random.next() * waiting.length)];
      if (dropped === undefined) break;
      drop(dropped);
    }
    const earliest = Math.min(...waiting.map(({ dueAt }) => dueAt));
    expect(agenda.nextDueAt).toBe(waiting.length === 0 ? undefined : earliest);
    expect(sequences(agenda.dueBy(earliest + (sequence % 3)))).toEqual(
      sequences(waiting.filter(({ dueAt }) => dueAt <= earliest + (sequence % 3))),
    );
  }
  expect(sequences([...agenda.values()])).toEqual(sequences(waiting));
});

it('forgets what is dropped before it is due', () => {
  const agenda = new Agenda();
  agenda.add(pendingAt(0, 0));
  agenda.drop(7);
  agenda.drop(0);
  agenda.drop(0);
  expect([agenda.nextDueAt, agenda.dueBy(10)]).toEqual([undefined, []]);
});

function pendingAt(dueAt: number, sequence: number): Pending {
  return { dueAt, sequence, kind: 'timer', label: `act ${sequence}`, act: () => undefined };
}

function sequences(acts: readonly Pending[]): number[] {
  return acts.map(({ sequence }) => sequence);
}
