import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process as its parent's heir sees it. */
export interface RunningProcess {
  readonly parent: number;
  readonly command: string;
}

/** How often the parents are looked at, in milliseconds. */
const EVERY_MS = 250;
/** More processes than this are between no npm and its program. */
const GENERATIONS_MAX = 12;

/**
 * Ends once npm, where it started this program, is gone. npm hands a signal to the shell that it started, not to the program in
 * that shell, so that who ends a background `npx` would leave the program behind, on its port.
 */
export function leftByNpm(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const first = process.ppid;
  const pids = npmParents(env, first, runningProcess);
  if (pids === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    if (pids.length === 0) return;
    const look = setInterval(() => {
      if (process.ppid === first && pids.every(isRunning)) return;
      clearInterval(look);
      resolve();
    }, EVERY_MS);
    // Nobody waits for npm to end.
    look.unref();
  });
}

/** The processes from `parent` up to the outermost npm, none where npm did not start us, and undefined where it is gone already. */
export function npmParents(
  env: Readonly<Record<string, string | undefined>>,
  parent: number,
  read: (pid: number) => RunningProcess | undefined,
): number[] | undefined {
  if (!env['npm_config_user_agent']?.startsWith('npm/')) return [];
  const pids: number[] = [];
  let upToNpm = 0;
  for (let pid = parent; pid > 0 && pids.length < GENERATIONS_MAX;) {
    const running = read(pid);
    if (running === undefined) break;
    pids.push(pid);
    if (isNpm(running.command)) upToNpm = pids.length;
    pid = running.parent;
  }
  return upToNpm === 0 && parent === 1 ? undefined : pids.slice(0, upToNpm);
}

/** npm calls its process by what it does: `npm exec rollouts sandbox`. */
function isNpm(command: string): boolean {
  return /^np[mx](?: |$)|\/np[mx](?:-cli\.js)?(?: |$)/.test(command);
}

/** Undefined when there is no such process, or only its exit code is left. */
function runningProcess(pid: number): RunningProcess | undefined {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

/** Cheap enough to be asked all the time. */
function isRunning(pid: number): boolean {
  if (process.platform === 'linux') return runningProcess(pid) !== undefined;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** proc(5): `PID (NAME) STATE PARENT …`, where the name may hold anything. */
function fromProc(pid: number): RunningProcess | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if ('ZX'.includes(state)) return undefined;
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  return { parent: Number(parent), command };
}

function fromPs(pid: number): RunningProcess | undefined {
  const told = execFileSync('ps', ['-o', 'ppid=,state=,command=', '-p', String(pid)], { encoding: 'utf8' });
  const [, parent = '', state = '', command = ''] = /^\s*(\d+)\s+(\S+)\s+(.*)/.exec(told) ?? [];
  return parent === '' || state.startsWith('Z') ? undefined : { parent: Number(parent), command: command.trim() };
}
