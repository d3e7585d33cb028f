import type { Host } from './host.ts';

/** `Date` whose present is the virtual one; its instances are ordinary dates. */
export function virtualDate(host: Host): DateConstructor {
  const now = (): number => host.now;
  const virtual: DateConstructor = new Proxy(Date, {
    construct(target, given, newTarget): object {
      const actual = newTarget === virtual ? target : newTarget;
      return Reflect.construct(target, given.length === 0 ? [host.now] : given, actual) as object;
    },
    apply: () => new Date(host.now).toString(),
    get: (target, name): unknown => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
  });
  return virtual;
}

/** The parts of `performance` that measure; nothing takes time within one instant of virtual time. */
export function virtualPerformance(host: Host): object {
  const refuse = (name: string) => (): never => host.refuse(`performance.${name} in a Lambda function`);
  return {
    now: () => host.ageMs,
    get timeOrigin() {
      return host.now - host.ageMs;
    },
    toJSON: () => ({ timeOrigin: host.now - host.ageMs }),
    mark: refuse('mark'),
    measure: refuse('measure'),
    timerify: refuse('timerify'),
  };
}

/** `AbortSignal` whose `timeout` runs on the virtual clock. */
export function virtualAbortSignal(host: Host): typeof AbortSignal {
  const timeout = (delayMs: number): AbortSignal => {
    const controller = new AbortController();
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    host.after(delayMs, () => controller.abort(reason));
    return controller.signal;
  };
  return new Proxy(AbortSignal, {
    get: (target, name): unknown => (name === 'timeout' ? timeout : (Reflect.get(target, name) as unknown)),
  });
}
