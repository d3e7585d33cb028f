import type { Instance } from './instance.ts';
import type { Functions, LambdaFunction } from './model.ts';

/**
 * AWS reclaims idle execution environments when it likes, and promises of none how long it stays. Each holds nearly a megabyte, so
 * the region keeps so many, of all functions together: those that ended an invocation last. Five hundred services that wait for
 * the same quota call one function each, in turn: with fewer kept, every one of these calls would be a cold start.
 */
const IDLE_KEPT = 600;

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
