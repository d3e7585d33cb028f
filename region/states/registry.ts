import { Fault, NotModelled, type RegionContext } from '../service.ts';
import type { Execution, StateMachine } from './execution.ts';

/** The state machines and executions of one region, in the order of their creation. */
export class Registry {
  readonly machines = new Map<string, StateMachine>();
  readonly executions = new Map<string, Execution>();
  readonly #prefix: string;

  constructor({ region, account }: RegionContext) {
    this.#prefix = `arn:aws:states:${region}:${account}:`;
  }

  machineArn(name: string): string {
    return `${this.#prefix}stateMachine:${name}`;
  }

  executionArn(machine: StateMachine, name: string): string {
    return `${this.#prefix}execution:${machine.name}:${name}`;
  }

  machine(arn: string): StateMachine {
    const parts = this.#partsOf(arn, 'stateMachine');
    if (parts.length > 1) throw new NotModelled(`The version or alias of a state machine (${arn})`);
    const machine = this.machines.get(arn);
    if (!machine) throw new Fault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  execution(arn: string): Execution {
    this.#partsOf(arn, 'execution');
    const execution = this.executions.get(arn);
    if (!execution) throw new Fault('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return execution;
  }

  #partsOf(arn: string, kind: 'stateMachine' | 'execution'): string[] {
    const prefix = `${this.#prefix}${kind}:`;
    if (arn.startsWith(prefix)) return arn.slice(prefix.length).split(':');
    // Another account or region is somebody else's; anything else is no ARN of this kind at all.
    if (new RegExp(`^arn:aws:states:[a-z0-9-]+:\\d{12}:${kind}:`).test(arn))
      throw new Fault(
        kind === 'execution' ? 'ExecutionDoesNotExist' : 'StateMachineDoesNotExist',
        `${kind === 'execution' ? 'Execution' : 'State Machine'} Does Not Exist: '${arn}'`,
      );
    throw new Fault('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  }
}
