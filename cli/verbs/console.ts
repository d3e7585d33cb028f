import { MACHINE_CLOCK } from '../terminal/clock.ts';
import { signalOf, UsageError, wholeNumber, type Flags, type ScreenVerb, type Terminal } from '../terminal/command.ts';
import { accountSource } from './console/account-source.ts';

/** `rollouts console`: a page on loopback that shows all services, and each rollout as it goes. */
export const consoleVerb: ScreenVerb = {
  name: 'console',
  summary: 'Serves a page for your browser: all services, and each rollout as it happens.',
  options: {
    port: { type: 'string', placeholder: 'N', summary: 'Port on 127.0.0.1; 0 chooses a free one. [0]' },
    'read-only': { type: 'boolean', summary: 'Shows only: nothing can be started, stopped or released from the page.' },
    config: {
      type: 'string',
      placeholder: 'FILE',
      summary: 'Adds the services of a configuration that have not registered. [rollouts.config.ts]',
    },
  },
  document: 'none',
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const port = wholeNumber(flags, 'port', 0, 0, 65_535);
  const isReadOnly = flags['read-only'] === true;
  const stop = signalOf(terminal);
  const clock = terminal.clock ?? MACHINE_CLOCK;
  const source = accountSource({ flags, env: terminal.env, clock, isReadOnly });
  // Loaded only now: a wrong flag is told before the page is bundled.
  const { serveConsole } = await import('../../console/server/serve-console.ts');
  const served = await serveConsole({ source, port, clock }).catch((error: unknown) => {
    throw isTaken(error) ? new UsageError(`--port ${port} is taken: name another one, or leave it out`) : error;
  });
  try {
    terminal.out.write(
      `${[
        `The console${isReadOnly ? ', which only reads,' : ''} is at`,
        '',
        `  ${served.address}`,
        '',
        'The address works once: the browser that opens it first is let in. Ctrl-C ends the console.',
      ].join('\n')}\n`,
    );
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve());
    });
  } finally {
    await served.close();
    source.close();
  }
  return 0;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
