import { Fault, NotModelled } from '../service.ts';
import type { Execution, StateMachine } from './execution.ts';
import { isPastKeeping } from './forget-executions.ts';
import type { Workflows } from './model.ts';
import { partitionOf } from '../partition.ts';

export function machineArn(workflows: Workflows, name: string): string {
  return `${prefixOf(workflows)}stateMachine:${name}`;
}

export function executionArn(workflows: Workflows, machine: StateMachine, name: string): string {
  return `${prefixOf(workflows)}execution:${machine.name}:${name}`;
}

/** Throws `StateMachineDoesNotExist` or `InvalidArn`. */
export function machineWithArn(workflows: Workflows, arn: string): StateMachine {
  const parts = partsOf(workflows, arn, 'stateMachine');
  if (parts.length > 1) throw new NotModelled(`The version or alias of a state machine (${arn})`);
  const machine = workflows.state.machines.get(arn);
  if (!machine) throw new Fault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  return machine;
}

/** Throws `StateMachineDeleting`. */
export function refuseDeleted(machine: StateMachine | undefined): void {
  if (machine?.isBeingDeleted)
    throw new Fault('StateMachineDeleting', `State Machine is being deleted: '${machine.arn}'`);
}

/** Forgets a state machine that is being deleted once none of its executions runs. */
export function dropDeleted({ state: { machines, executions } }: Workflows, arn: string): void {
  if (!machines.get(arn)?.isBeingDeleted) return;
  const isBusy = [...executions.values()].some(({ machine, status }) => machine.arn === arn && status === 'RUNNING');
  if (!isBusy) machines.delete(arn);
}

/** Throws `ExecutionDoesNotExist` or `InvalidArn`. */
export function executionWithArn(workflows: Workflows, arn: string): Execution {
  partsOf(workflows, arn, 'execution');
  const execution = workflows.state.executions.get(arn);
  if (!execution || isPastKeeping(workflows, execution))
    throw new Fault('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  return execution;
}

function partsOf(workflows: Workflows, arn: string, kind: 'stateMachine' | 'execution'): string[] {
  const prefix = `${prefixOf(workflows)}${kind}:`;
  if (arn.startsWith(prefix)) return arn.slice(prefix.length).split(':');
  // Another account or region is somebody else's; anything else is no ARN of this kind at all.
  if (new RegExp(`^arn:[^:]+:states:[a-z0-9-]+:\\d{12}:${kind}:`).test(arn))
    throw new Fault(
      kind === 'execution' ? 'ExecutionDoesNotExist' : 'StateMachineDoesNotExist',
      `${kind === 'execution' ? 'Execution' : 'State Machine'} Does Not Exist: '${arn}'`,
    );
  throw new Fault('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
}

function prefixOf({ region, account }: Workflows): string {
  return `arn:${partitionOf(region)}:states:${region}:${account}:`;
}
