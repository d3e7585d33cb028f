import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { SdkHost } from '../../wire/direct-sdk.ts';
import { compiledModule, SANDBOX_NAMES, type ModuleBody } from '../code.ts';
import type { SandboxGlobals } from './globals.ts';
import type { Host } from './host.ts';

/** By file, for all regions of this Node.js process. */
const FILES = new Map<string, ModuleBody>();

/** What the runtime's SDK gets of the sandbox that it runs in. */
export function sdkHost(host: Host, environment: Readonly<Record<string, string>>, globals: SandboxGlobals): SdkHost {
  const evaluate: SdkHost['evaluate'] = (file, replaced) => {
    const module = { exports: {} };
    const requireReal = createRequire(file) as (name: string) => object;
    const require = (name: string): object => ({ ...requireReal(name), ...replaced[name] });
    const own: Record<string, unknown> = { module, exports: module.exports, require, __filename: file };
    const values = SANDBOX_NAMES.map((name) => (Object.hasOwn(own, name) ? own[name] : globals.values[name]));
    Reflect.apply(bodyOf(file), module.exports, values);
    return module.exports;
  };
  return {
    environment,
    evaluate,
    random: host.random,
    get isDead() {
      return host.isDead;
    },
    enter: (callback) => host.enter(callback),
    after: (delayMs, callback) => host.after(delayMs, callback),
    hold: () => host.hold(),
    refuse: (what) => host.refuse(what),
  };
}

function bodyOf(file: string): ModuleBody {
  const body = FILES.get(file) ?? compiledModule(readFileSync(file), file);
  FILES.set(file, body);
  return body;
}
