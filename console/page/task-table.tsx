/** @jsxRuntime automatic @jsxImportSource preact */
import type { ChronicledTask } from '../../picture/chronicle.ts';
import { roleOf } from '../../picture/families.ts';
import { failureOf } from '../../picture/stages.ts';
import { elapsed } from '../../picture/times.ts';
import type { Chronicle } from '../../picture/chronicle.ts';

const TIMES: readonly (readonly [string, keyof ChronicledTask & `${string}At`])[] = [
  ['Created', 'createdAt'],
  ['Pull from', 'pullStartedAt'],
  ['Pulled', 'pullStoppedAt'],
  ['Started', 'startedAt'],
  ['Healthy', 'healthyAt'],
  ['Stopping', 'stoppingAt'],
  ['Drained', 'drainedAt'],
  ['Ended', 'executionStoppedAt'],
];
const SHOWN = 60;

/** The same facts as the picture has. */
export function TaskTable({ chronicle }: { readonly chronicle: Chronicle }) {
  const { tasks } = chronicle;
  const shown = tasks.slice(0, SHOWN);
  return (
    <div class="scroll" role="region" aria-label="Tasks" tabIndex={0}>
      <table>
        <caption class="vh">Tasks, times since the start</caption>
        <thead>
          <tr>
            {['Task', 'Image', ...TIMES.map(([head]) => head), 'End'].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((task) => (
            <TaskRow key={task.taskId} task={task} chronicle={chronicle} />
          ))}
        </tbody>
      </table>
      {tasks.length > SHOWN ? <p class="quiet">and {tasks.length - SHOWN} more</p> : null}
    </div>
  );
}

function TaskRow({ task, chronicle }: { readonly task: ChronicledTask; readonly chronicle: Chronicle }) {
  const deployment = chronicle.deployments.find(({ id }) => id === task.deploymentId);
  const role = roleOf(chronicle, { from: 0 }, task.deploymentId);
  return (
    <tr>
      <td class="mono">{task.taskId.slice(0, 8)}</td>
      <td>
        {deployment?.image ?? deployment?.revision ?? '–'}, {role.words}
      </td>
      {TIMES.map(([head, member]) => (
        <td key={head} class="nowrap">
          {momentOf(task[member])}
        </td>
      ))}
      <td>{failureOf(task) ?? '–'}</td>
    </tr>
  );
}

function momentOf(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  return seconds < 0 ? 'before' : elapsed(seconds, 1);
}

/** When the machine was in which state. */
export function StateTable({ chronicle }: { readonly chronicle: Chronicle }) {
  return (
    <div class="scroll" role="region" aria-label="States" tabIndex={0}>
      <table>
        <caption class="vh">States of the machine, times since the start</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Entered</th>
            <th scope="col">Left</th>
          </tr>
        </thead>
        <tbody>
          {chronicle.rollouts[0]!.states.map(({ name, enteredAt, leftAt }) => (
            <tr key={enteredAt}>
              <td>{name}</td>
              <td>{momentOf(enteredAt)}</td>
              <td>{momentOf(leftAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
