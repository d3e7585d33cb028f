import type { Instance } from './instance.ts';
import type { Functions, LambdaFunction } from './model.ts';

/**
 * AWS reclaims idle execution environments when it likes, and promises of none how long it stays. Each holds a megabyte, so the
 * region keeps so many, of all functions together: those that ended an invocation last.
 */
const IDLE_KEPT = 400;

/** Takes an instance that waits for its next invocation; the one that has waited longest may have to go for it. */
export function keepIdle({ idle, instances }: Functions, { arn }: LambdaFunction, instance: Instance): void {
  idle.delete(instance);
  idle.set(instance, arn);
  for (const [longest, of] of idle) {
    if (idle.size <= IDLE_KEPT) return;
    idle.delete(longest);
    longest.retire();
    instances.get(of)?.delete(longest);
  }
}

/** An instance has an invocation, or has gone. */
export function isIdleNoMore({ idle }: Functions, instance: Instance): void {
  idle.delete(instance);
}
