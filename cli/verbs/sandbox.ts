import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckedService } from '../../configuration/configuration.ts';
import { record } from '../../rehearsal/recorder.ts';
import { paletteFor } from '../../timeline/palette.ts';
import { timelineLine } from '../../timeline/timeline.ts';
import { sampleImages } from '../../rehearsal/sample-images.ts';
import { openWorld, type World } from '../../rehearsal/world.ts';
import { withAssembly } from './rehearse/assembly.ts';
import { MACHINE_CLOCK } from '../terminal/clock.ts';
import { registryHints } from './sandbox/registry-hints.ts';
import { verbHints } from './sandbox/verb-hints.ts';
import { wholeNumber, type ScreenVerb, type Flags, type Terminal } from '../terminal/command.ts';

/** `rollouts sandbox`: the simulated region behind a loopback port, for the AWS CLI and other tools. */
export const sandbox: ScreenVerb = {
  name: 'sandbox',
  summary: 'Runs the simulated region behind a loopback port, with your stack and a healthy service in it.',
  options: {
    port: { type: 'string', placeholder: 'N', summary: 'Port on 127.0.0.1; 0 chooses a free one. [4566]' },
    speed: { type: 'string', placeholder: 'N', summary: 'Virtual seconds per real second. [60]' },
    config: { type: 'string', placeholder: 'FILE', summary: 'Configuration to load. [rollouts.config.ts]' },
  },
  document: 'none',
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const port = wholeNumber(flags, 'port', 4566, 0, 65_535);
  const speed = wholeNumber(flags, 'speed', 60, 1, 3600);
  const config = flags['config'] as string | undefined;
  return await withAssembly(config, async (assembly) => {
    const world = await openWorld({ assembly, hasTicks: true, startAt: (terminal.clock ?? MACHINE_CLOCK).now() });
    const directory = mkdtempSync(join(tmpdir(), 'rollouts-sandbox-'));
    try {
      const endpoint = `http://127.0.0.1:${await world.region.listen(port)}`;
      const interrupted = terminal.interrupted();
      const hints = verbHints(await configuredServices(config), world.config, config);
      terminal.out.write(`${welcome(world, endpoint, speed, directory, hints).join('\n')}\n`);
      await runUntil(world, speed, terminal, interrupted);
      return 0;
    } finally {
      await world.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
}

async function configuredServices(file: string | undefined): Promise<readonly CheckedService[]> {
  const { loadConfiguration } = await import('../../configuration/load-configuration.ts');
  return (await loadConfiguration(file)).services;
}

async function runUntil(world: World, speed: number, terminal: Terminal, interrupted: Promise<void>): Promise<void> {
  const palette = paletteFor(terminal.out, terminal.env);
  const recorder = record(world, (entry) => terminal.out.write(`${timelineLine(entry, palette)}\n`));
  const stop = new AbortController();
  void interrupted.then(() => stop.abort());
  await world.region.runPaced(speed, stop.signal);
  recorder.stop();
}

/** What a person needs to know to begin; the sample images are written to files that `put-image` can read. */
function welcome(world: World, endpoint: string, speed: number, directory: string, hints: readonly string[]): string[] {
  const { config, cell, region } = world;
  const pushes = sampleImages(config).map(({ name, tag, manifest }) => {
    const file = join(directory, `${name}.json`);
    writeFileSync(file, manifest);
    return `aws ecr put-image --repository-name ${config.repository} --image-tag ${tag} --image-manifest file://${file}`;
  });
  return [
    `The simulated region answers at ${endpoint}; ${speed} virtual seconds pass in a second. Stop it with Ctrl-C.`,
    '',
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_DEFAULT_REGION=${region.region}`,
    '  export AWS_ACCESS_KEY_ID=OPERATOR AWS_SECRET_ACCESS_KEY=x',
    ...pushes.map((push) => `  ${push}`),
    `  aws ecs wait services-stable --cluster ${config.cluster} --services ${config.serviceName}`,
    `  aws ssm get-parameter --name ${cell.outputs['LiveImageParameter']}`,
    `  aws stepfunctions start-execution --state-machine-arn ${cell.outputs['StateMachineArn']}`,
    ...hints,
    ...registryHints(world, new URL(endpoint).host),
    '',
  ];
}
