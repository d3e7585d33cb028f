import { moduleBody, SANDBOX_NAMES } from './code.ts';
import { failure, failureOf, type Failure } from './failures.ts';
import type { InstanceSetup } from './instance-setup.ts';
import { sandboxGlobals } from './sandbox/globals.ts';
import type { Host } from './sandbox/host.ts';
import { builtinModules, sandboxRequire } from './sandbox/modules.ts';
import { sdkHost } from './sandbox/runtime-sdk.ts';

/** What a bundle exports. */
export type Handler = (event: unknown, context: object) => unknown;

/** A function that could not be loaded; `failure` says why, in the runtime's words. */
export class ImportFailure extends Error {
  override readonly name = 'ImportFailure';
  readonly failure: Failure;
  constructor(failed: Failure) {
    super(failed.message);
    this.failure = failed;
  }
}

/** Evaluates a bundle in a new sandbox and answers its handler. */
export function importHandler(setup: InstanceSetup, host: Host, requestId: () => string | undefined): Handler {
  const globals = sandboxGlobals(host, setup.environment, { ...setup.logFormat, requestId });
  const modules = builtinModules(host, setup.code, globals, () => setup.memoryHttp(() => host.connect()));
  const sdk = setup.sdk?.(sdkHost(host, setup.environment, globals));
  const builtin = (name: string): unknown => modules(name) ?? sdk?.(name);
  const evaluate = (path: string, module: { exports: unknown }, require: (name: string) => unknown): void => {
    const own: Record<string, unknown> = { module, exports: module.exports, require };
    own['__filename'] = `/var/task/${path}`;
    own['__dirname'] = '/var/task';
    const values = SANDBOX_NAMES.map((name) => (Object.hasOwn(own, name) ? own[name] : globals.values[name]));
    Reflect.apply(moduleBody(setup.code, path), module.exports, values);
  };
  return handlerNamed(setup.handler, sandboxRequire(setup.code, builtin, evaluate));
}

function handlerNamed(handler: string, require: (name: string) => unknown): Handler {
  const [, path, name] = /^(.*)\.([^.]+)$/.exec(handler) ?? [];
  if (path === undefined || name === undefined)
    throw new ImportFailure(failure('Runtime.MalformedHandlerName', 'Bad handler'));
  const exported = (importModule(path, require) as Record<string, unknown> | null)?.[name];
  if (typeof exported !== 'function') {
    throw new ImportFailure(failure('Runtime.HandlerNotFound', `${handler} is undefined or not exported`, []));
  }
  // "Node.js 24 runtime": callbacks are gone, and the runtime knows them by their third parameter.
  if (exported.length > 2) {
    throw new ImportFailure(
      failure('Runtime.CallbackHandlerDeprecated', 'callback-based handlers are not supported', []),
    );
  }
  return exported as Handler;
}

function importModule(path: string, require: (name: string) => unknown): unknown {
  try {
    return require(`./${path}`);
  } catch (thrown) {
    throw new ImportFailure(importFailure(thrown));
  }
}

function importFailure(thrown: unknown): Failure {
  if (thrown instanceof SyntaxError) return failure('Runtime.UserCodeSyntaxError', String(thrown), []);
  const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'MODULE_NOT_FOUND';
  return isMissing ? failure('Runtime.ImportModuleError', String(thrown), []) : failureOf(thrown);
}
