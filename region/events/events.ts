import type { EmitEvent, Service } from '../service.ts';
import { accept } from './bus.ts';
import { envelop, type Envelope } from './envelope.ts';
import { newEventsState, type Bus, type Delivered, type EventsPorts, type EventsState, type Hooks } from './model.ts';
import { eventsOperations } from './operations.ts';
import { createRule, deleteRule, pauseSchedules, resumeSchedules, tickAt, updateRule } from './rules.ts';

/** Amazon EventBridge: the default bus, its rules and their schedules. */
export interface EventsService extends Service {
  readonly emit: EmitEvent;
  /** Lets a scenario lose, repeat or delay events; asked once for each event that a rule matches. */
  setDelivery(decide: (event: Envelope, ruleName: string) => Delivered): void;
  /** Hears every event of the bus, whether or not a rule matches; the answer ends that. */
  onEvent(listener: (event: Envelope) => void): () => void;
  /** Stops the ticks of scheduled rules, so that a region without other work is idle. */
  pauseSchedules(): void;
  /** Ticks go on where the schedules' own clocks then stand; missed ticks are not made up. */
  resumeSchedules(): void;
}

/** Builds EventBridge, without rules unless told. Targets are Lambda functions and state machines; other buses, archives and pipes are not modelled. */
export function createEvents(ports: EventsPorts, state: EventsState = newEventsState()): EventsService {
  const hooks: Hooks = { listeners: new Set(), decide: () => 'once' };
  const bus: Bus = { ...ports, state, hooks };
  return {
    id: 'events',
    state,
    operations: eventsOperations(bus),
    scheduled: (act) => tickAt(bus, act),
    resources: {
      'AWS::Events::Rule': (logicalId, properties, stackName) => createRule(bus, logicalId, properties, stackName),
    },
    updaters: {
      'AWS::Events::Rule': {
        changeable: ['Description', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
        replacing: ['EventBusName', 'Name'],
        update: ({ current, after }) => {
          updateRule(bus, current.ref, after);
          return current;
        },
      },
    },
    deleters: { 'AWS::Events::Rule': ({ current }) => deleteRule(bus, current.ref) },
    emit: (event) => accept(bus, envelop(bus, event)),
    setDelivery: (next) => void (hooks.decide = next),
    onEvent: (listener) => {
      hooks.listeners.add(listener);
      return () => hooks.listeners.delete(listener);
    },
    pauseSchedules: () => pauseSchedules(bus),
    resumeSchedules: () => resumeSchedules(bus),
  };
}
