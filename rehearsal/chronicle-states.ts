import type { ChronicledState } from '../picture/chronicle.ts';
import type { World } from './world.ts';

/** The states of executions, as they come and go. */
export interface StatesChronicle {
  of(executionArn: string): readonly ChronicledState[];
  /** Whether some rollout puts something back now. */
  isGoingBack(): boolean;
}

interface Stay {
  readonly name: string;
  readonly enteredAt: number;
  leftAt?: number;
}

/** Follows the executions of a cell's state machine; a Choice takes no time and is none of its states. */
export function chronicleStates({ region, cell }: World, secondsAt: (milliseconds: number) => number): StatesChronicle {
  const stateMachineArn = cell.outputs['StateMachineArn'];
  const stays = new Map<string, Stay[]>();
  const leave = (executionArn: string, at: number): Stay[] => {
    const own = stays.get(executionArn) ?? [];
    const last = own.at(-1);
    if (last) last.leftAt ??= secondsAt(at);
    stays.set(executionArn, own);
    return own;
  };
  region.states.onStateEntered(({ executionArn, stateMachineArn: arn, state: name, type, at }) => {
    if (arn === stateMachineArn && type !== 'Choice') leave(executionArn, at).push({ name, enteredAt: secondsAt(at) });
  });
  region.events.onEvent(({ source, detail }) => {
    if (source !== 'aws.states' || detail['stateMachineArn'] !== stateMachineArn) return;
    if (detail['status'] !== 'RUNNING') leave(String(detail['executionArn']), region.kernel.now);
  });
  return {
    of: (executionArn) => stays.get(executionArn) ?? [],
    isGoingBack: () =>
      [...stays.values()].some((own) => own.at(-1)?.name === 'RollBack' && own.at(-1)?.leftAt === undefined),
  };
}
