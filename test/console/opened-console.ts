import { onTestFinished } from 'vitest';
import { main } from '../../cli/main.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { OPERATOR, openSandbox, type Sandbox } from '../scenario/verbs-setting.ts';

/** `rollouts console` against a world, until the test ends. */
export interface OpenedConsole extends Sandbox {
  /** What the terminal printed. */
  readonly address: string;
  /** The operator's environment, read anew whenever clients are opened. */
  readonly env: Record<string, string>;
  /** As Ctrl-C does; answers the exit code. */
  interrupt(): Promise<number>;
}

/** Opens a world with so many proven images, and the console on it; its looks keep to the world's time, and push it nowhere. */
export async function openConsole(
  images: number,
  flags: readonly string[] = [],
  changes: Partial<ServiceConfiguration> = {},
): Promise<OpenedConsole> {
  const sandbox = await openSandbox({}, changes, images);
  return await consoleOn(sandbox, flags);
}

/** The console on an open sandbox. */
export async function consoleOn(
  sandbox: Sandbox,
  flags: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<OpenedConsole> {
  const { kernel } = sandbox.world.region;
  const environment = { ...OPERATOR, AWS_ENDPOINT_URL: sandbox.endpoint, ...env };
  let [out, err] = ['', ''];
  let interrupt = (): void => {};
  const interrupted = new Promise<void>((resolve) => (interrupt = resolve));
  const code = main(['console', '--config', sandbox.configuration, ...flags], {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    env: environment,
    clock: {
      now: () => kernel.now,
      async sleep(ms, signal) {
        const until = kernel.now + ms;
        while (kernel.now < until && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
      },
    },
    interrupted: () => interrupted,
  });
  const end = async (): Promise<number> => {
    interrupt();
    return await code;
  };
  onTestFinished(async () => void (await end()));
  let isOver = false;
  void code.then(() => (isOver = true));
  while (!/http:\S+/.test(out) && !isOver) await new Promise((resolve) => setTimeout(resolve, 5));
  const [address] = /http:\S+/.exec(out) ?? [];
  if (address === undefined) throw new Error(err);
  return { ...sandbox, address, env: environment, interrupt: end };
}
