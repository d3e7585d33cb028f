import { reckonHealth } from './container-health.ts';
import { passesFromSecond, type Behaviour } from './behaviour.ts';
import type { TargetRecord, TaskRecord, World } from './model.ts';
import { say } from './service-messages.ts';

/** A change of a target's health, so many milliseconds after its registration. */
interface TargetChange {
  readonly afterMs: number;
  readonly health: 'healthy' | 'unhealthy';
}

/** Registers a task that has just started with its service's load balancers; false when there are none. */
export function registerTargets(world: World, task: TaskRecord, onChange: (task: TaskRecord) => void): boolean {
  const { service } = task;
  for (const { targetGroupArn = '', containerName, containerPort = 0 } of service.loadBalancers) {
    const group = world.findTargetGroup(targetGroupArn)!;
    const container = task.containers.find(({ definition }) => definition.name === containerName)!;
    const target: TargetRecord = { group, container, port: containerPort, health: 'initial' };
    task.targets.push(target);
    say(world, service, `registered 1 targets in (target-group ${group.arn})`);
    watchTarget(world, task, target, onChange);
  }
  return task.targets.length > 0;
}

function watchTarget(world: World, task: TaskRecord, target: TargetRecord, onChange: (task: TaskRecord) => void): void {
  for (const { afterMs, health } of targetChanges(target)) {
    const label = `ecs task ${task.id.slice(0, 8)} target on port ${target.port} ${health}`;
    const timer = world.kernel.after(afterMs, 'timer', label, () => {
      task.timers.delete(timer);
      target.health = health;
      world.tell(task);
      reckonHealth(task);
      onChange(task);
    });
    task.timers.add(timer);
  }
}

/**
 * Checks run every interval from the registration on. AWS lets a *new* target be healthy after one success; here it takes
 * as many as one that was unhealthy, which is what happens on AWS whenever the first check comes too early.
 */
function targetChanges({ group, container, port }: TargetRecord): TargetChange[] {
  const { healthCheckIntervalSeconds: interval, healthyThreshold, unhealthyThreshold } = group;
  const isElsewhere = container.listensOn !== undefined && container.listensOn !== port;
  const behaviour: Behaviour = isElsewhere ? { kind: 'never-healthy' } : container.behaviour;
  const firstSuccess = Math.max(1, Math.ceil(passesFromSecond(behaviour) / interval));
  const healthy: TargetChange = {
    afterMs: (firstSuccess - 1 + healthyThreshold) * interval * 1000,
    health: 'healthy',
  };
  if (firstSuccess <= unhealthyThreshold) return [healthy];
  const unhealthy: TargetChange = { afterMs: unhealthyThreshold * interval * 1000, health: 'unhealthy' };
  return Number.isFinite(firstSuccess) ? [unhealthy, healthy] : [unhealthy];
}

/** Takes a task out of its target groups; the answer is how long they drain, undefined when it was in none. */
export function deregisterTargets(world: World, task: TaskRecord): number | undefined {
  if (task.targets.length === 0) return undefined;
  for (const target of task.targets) {
    target.health = 'draining';
    say(world, task.service, `deregistered 1 targets in (target-group ${target.group.arn})`);
  }
  say(world, task.service, 'has begun draining connections on 1 tasks.', task.deployment);
  return Math.max(...task.targets.map(({ group }) => group.deregistrationDelaySeconds)) * 1000;
}
