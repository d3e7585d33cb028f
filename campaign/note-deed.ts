import { FAULTS } from '../rehearsal/faults/catalogue.ts';
import { noteFault } from '../rehearsal/note-fault.ts';
import type { Chronicler } from '../rehearsal/chronicler.ts';
import type { Deed } from './plan.ts';

/** Notes what somebody did, in words; pushes, scaling and executions are seen without. */
export function noteDeed(chronicler: Pick<Chronicler, 'note'>, at: number, deed: Deed): void {
  switch (deed.kind) {
    case 'push':
    case 'retag':
    case 'scale':
    case 'wait':
      return;
    case 'foreign':
      return chronicler.note(at, 'foreign', 'deploys the very first revision');
    case 'restart':
      return chronicler.note(at, 'foreign', 'deploys the same anew');
    case 'stop-deployment':
      return chronicler.note(at, 'foreign', 'tells ECS to go back');
    case 'failed-pulls':
      return chronicler.note(at, 'fault', 'no image can be pulled', deed.lastsSeconds);
    case 'fault':
      return noteFault(
        chronicler,
        at,
        FAULTS.find(({ name }) => name === deed.fault)!,
        deed.lastsSeconds,
      );
    case 'trouble':
      return chronicler.note(at, 'fault', `Lambda fails ${deed.handler}`, deed.lastsSeconds);
    case 'forbid':
      return chronicler.note(at, 'fault', `${deed.handler} may not ${deed.action}`, deed.lastsSeconds);
    default:
      return chronicler.note(at, 'deed', wordsOf(deed));
  }
}

type Told = Extract<
  Deed,
  { kind: 'artifact' | 'delete' | 'start' | 'stop' | 'redrive' | 'interrupt' | 'stack' | 'forge' | 'kill' }
>;

function wordsOf(deed: Told): string {
  switch (deed.kind) {
    case 'artifact':
      return 'pushes an artifact';
    case 'delete':
      return 'deletes an image';
    case 'start':
      return `starts: ${deed.request}`;
    case 'stop':
      return 'stops the execution';
    case 'redrive':
      return 'redrives the execution';
    case 'interrupt':
      return `AWS takes ${deed.tasks} ${deed.tasks === 1 ? 'task' : 'tasks'} back: ${deed.cause}`;
    case 'kill':
      return `stops ${deed.tasks} ${deed.tasks === 1 ? 'task' : 'tasks'}`;
    case 'forge':
      return `answers for the task that waits: ${deed.as} ${deed.word}`;
    case 'stack':
      return `deploys the stacks, bake time ${deed.bakeTimeSeconds} s`;
  }
}
