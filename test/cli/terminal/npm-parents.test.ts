import { expect, it } from 'vitest';
import { npmParents, type RunningProcess } from '../../../cli/terminal/npm-parents.ts';

const NPM = { npm_config_user_agent: 'npm/11.0.0 node/v20.19.0 linux x64' };

/** From the parent up. */
function table(...commands: readonly string[]): (pid: number) => RunningProcess | undefined {
  const rows = commands.map((command, index): [number, RunningProcess] => [
    100 - index,
    { parent: index === commands.length - 1 ? 0 : 99 - index, command },
  ]);
  return (pid) => new Map(rows).get(pid);
}

it.each([
  ['npx, through the shell that it starts', ['sh -c rollouts sandbox', 'npm exec rollouts sandbox', 'bash'], [100, 99]],
  ['npm in npm', ['sh -c x', 'npm exec x', 'sh -c npx x', 'npm run sandbox', 'bash'], [100, 99, 98, 97]],
  ['npm that keeps its own name', ['node /usr/lib/node_modules/npm/bin/npx-cli.js rollouts', 'bash'], [100]],
  ['a shell in which the variables of some npm are left', ['bash', 'tmux', '/sbin/init'], []],
] as const)('%s is watched up to the outermost npm', (_, commands, pids) => {
  expect(npmParents(NPM, 100, table(...commands))).toEqual(pids);
});

it('nobody is watched who is no npm of ours', () => {
  expect(npmParents({}, 100, table('npm-check', 'npm exec'))).toEqual([]);
  expect(npmParents({ npm_config_user_agent: 'pnpm/10.1.0' }, 1, table())).toEqual([]);
});

it('npm that was gone before it could be watched is told from npm that never was', () => {
  expect(npmParents(NPM, 1, () => ({ parent: 0, command: '/sbin/init' }))).toBeUndefined();
  expect(npmParents(NPM, 1, () => ({ parent: 0, command: 'npm run sandbox' }))).toEqual([1]);
});
