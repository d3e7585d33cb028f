import { signalOf, wholeNumber, type Flags, type ScreenVerb, type Terminal } from '../terminal/command.ts';
import { ALLOW_HOST, allowedHosts } from './sandbox/allowed-hosts.ts';

/** `rollouts sandbox`: the simulated region behind a loopback port, for the AWS CLI and other tools. */
export const sandbox: ScreenVerb = {
  name: 'sandbox',
  summary: 'Runs the simulated region behind a loopback port, with your stacks and healthy services in it.',
  options: {
    port: { type: 'string', placeholder: 'N', summary: 'Port on 127.0.0.1; 0 chooses a free one. [4566]' },
    speed: {
      type: 'string',
      placeholder: 'N',
      summary: 'Virtual seconds per real second while something rolls; 1 keeps to your clock. [60]',
    },
    config: { type: 'string', placeholder: 'FILE', summary: 'Configuration to load. [rollouts.config.ts]' },
    directory: {
      type: 'string',
      placeholder: 'DIR',
      summary: 'Where to write sample images, and messages to subscribers. [a temporary one]',
    },
    'allow-host': ALLOW_HOST,
  },
  document: 'none',
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const settings = {
    port: wholeNumber(flags, 'port', 4566, 0, 65_535),
    speed: wholeNumber(flags, 'speed', 60, 1, 3600),
    config: flags['config'] as string | undefined,
    directory: flags['directory'] as string | undefined,
    hosts: allowedHosts(flags),
  };
  const stop = signalOf(terminal);
  stop.addEventListener('abort', () => terminal.out.write('Stopping…\n'));
  terminal.out.write('Opening a simulated region; this takes some seconds.\n');
  // Loaded only now: whoever asked for it has read that it comes before the region and the SDK's schemas are read.
  const { runSandbox } = await import('./sandbox/run-sandbox.ts');
  await runSandbox(settings, terminal, stop);
  return 0;
}
