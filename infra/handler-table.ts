/** The Lambda functions of a cell: a file of `functions/` each. The first seven are Task states of the same name. */
export const HANDLERS = [
  'accept-intent',
  'await-turn',
  'preflight',
  'register-revision',
  'roll-service',
  'watch-rollout',
  'conclude',
  'wake-rollout',
  'tick',
] as const;

/** One of {@link HANDLERS}. */
export type HandlerName = (typeof HANDLERS)[number];

/** All files of `functions/`: the handlers, and the custom resource of the foundation. */
export const BUNDLED = [...HANDLERS, 'ensure-present'] as const;

/** One of {@link BUNDLED}. */
export type BundledName = (typeof BUNDLED)[number];

/** The handlers that the state machine invokes, which names them by {@link constructId}. */
export const TASK_HANDLERS = HANDLERS.slice(0, 7);

/** The handler's name in the template and in the state machine: `accept-intent` is `AcceptIntent`. */
export function constructId(handler: HandlerName): string {
  return handler.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
