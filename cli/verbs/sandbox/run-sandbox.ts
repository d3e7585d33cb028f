import { cellNames } from '../../../rehearsal/assembly/cloud-assembly.ts';
import { openWorlds, type World } from '../../../rehearsal/world.ts';
import { MACHINE_CLOCK, type Clock } from '../../terminal/clock.ts';
import type { Terminal } from '../../terminal/command.ts';
import { withAssembly } from '../rehearse/assembly.ts';
import { openFolder, type Folder } from './folder.ts';
import { holdPort } from './held-port.ts';
import { showDefects } from './show-defects.ts';
import { showTimelines } from './show-timelines.ts';
import { welcome } from './welcome.ts';
import { whetherBusy } from './whether-busy.ts';

/** What the flags say. */
export interface SandboxSettings {
  readonly port: number;
  readonly speed: number;
  readonly config: string | undefined;
  readonly directory: string | undefined;
  /** Names beside localhost's by which requests may call this machine. */
  readonly hosts: readonly string[];
}

/** Opens the region, answers at the port, and shows what happens until `stop` aborts. */
export async function runSandbox(settings: SandboxSettings, terminal: Terminal, stop: AbortSignal): Promise<void> {
  const folder = openFolder(settings.directory);
  const held = await holdPort(settings.port).catch((error: unknown) => {
    folder.close();
    throw error;
  });
  try {
    progress(terminal, `synthesizing the stacks of ${settings.config ?? 'rollouts.config.ts'}`);
    await withAssembly(settings.config, async (assembly) => {
      if (stop.aborted) return;
      progress(terminal, 'deploying them into the region, and waiting for steady services');
      const clock = terminal.clock ?? MACHINE_CLOCK;
      const worlds = await openAt(assembly, clock);
      try {
        if (stop.aborted) return;
        const port = await held.handOver((free) => worlds[0]!.region.listen(free, { allowedHosts: settings.hosts }));
        await serve(settings, terminal, stop, { worlds, port, folder, clock });
      } finally {
        await worlds[0]!.close();
      }
    });
  } finally {
    held.close();
    folder.close();
  }
}

interface Opened {
  /** At least one; they share their region. */
  readonly worlds: readonly World[];
  readonly port: number;
  readonly folder: Folder;
  readonly clock: Clock;
}

async function serve(
  { speed, config }: SandboxSettings,
  terminal: Terminal,
  stop: AbortSignal,
  { worlds, port, folder, clock }: Opened,
): Promise<void> {
  const { region } = worlds[0]!;
  const end = showTimelines(worlds, folder, terminal);
  const endDefects = showDefects(region, terminal);
  terminal.out.write(`${welcome({ worlds, port, speed, folder, config }).join('\n')}\n`);
  folder.writeImages();
  await region.runPaced(speed, stop, { clock, isBusy: whetherBusy(worlds) });
  endDefects();
  end();
}

function progress({ out }: Terminal, text: string): void {
  out.write(`  ${text}…\n`);
}

/** How long before the present the region begins, for each cell and once more: it takes them minutes of the region's time to come up. */
const LEAD_MS = 15 * 60_000;

/** Opens the worlds so that they have come up by the present, and their clock shows it: nothing in them lies in the future. */
async function openAt(assembly: string, clock: Clock): Promise<World[]> {
  const lead = LEAD_MS * (cellNames(assembly).length + 1);
  const worlds = await openWorlds({ assembly, startAt: clock.now() - lead, defects: 'contain' });
  const { kernel, events } = worlds[0]!.region;
  await kernel.runFor(Math.max(0, clock.now() - kernel.now));
  events.resumeSchedules();
  return worlds;
}
