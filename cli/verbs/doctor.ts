import { existsSync, statSync } from 'node:fs';
import { bundleHandlers } from '../../infra/bundles.ts';
import { releaseOf } from '../../infra/release.ts';
import { CELL_OPTIONS, withCell, type DeployedCell } from '../account/deployed-cell.ts';
import { UsageError, type Command, type Flags, type Terminal } from '../terminal/command.ts';
import { examine } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { findingsOf } from './doctor/findings.ts';
import { checkTerraform } from './doctor/terraform.ts';
import { copiedLines, labelledLines, wrapped } from '../terminal/layout.ts';
import { MACHINE_CLOCK } from '../terminal/moments.ts';

/** `rollouts doctor`: says what is ready, what is not, and how to mend it; changes nothing. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'Says what is ready for rollouts, what is not, and how to mend it; changes nothing.',
  options: {
    ...CELL_OPTIONS,
    terraform: { type: 'string', placeholder: 'DIR', summary: "Looks into this folder's Terraform files too." },
  },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const terraform = terraformFolder(flags['terraform']);
  return await withCell(flags, terminal, async (cell) => {
    const release = releaseOf(await bundleHandlers());
    const findings = [
      ...findingsOf(await examine(cell), cell, release, (terminal.clock ?? MACHINE_CLOCK).now()),
      ...(terraform === undefined ? [] : checkTerraform(terraform, cell.service.family)),
    ];
    const text = flags['json'] ? JSON.stringify(report(findings, cell), null, 2) : lines(findings, cell).join('\n');
    terminal.out.write(`${text}\n`);
    return findings.some(({ level }) => level === 'problem') ? 1 : 0;
  });
}

/** Asked for first: AWS need not be asked when it is not there. */
function terraformFolder(flag: Flags[string]): string | undefined {
  if (typeof flag !== 'string') return undefined;
  if (existsSync(flag) && statSync(flag).isDirectory()) return flag;
  throw new UsageError(`--terraform ${flag}: there is no such folder`);
}

/** The shape is documented in docs/verbs-json.md. */
function report(findings: readonly Finding[], { config, account, region }: DeployedCell): object {
  const isReady = countIn(findings)('problem') === 0;
  const told = findings.map(({ details = [], remedy = null, ...finding }) => ({ ...finding, details, remedy }));
  return { schema: 1, service: config.service, account, region, ready: isReady, findings: told };
}

/** Worst first: a tired person reads the top. */
const ORDER = ['problem', 'warning', 'unknown', 'ok'] as const satisfies readonly Finding['level'][];

function lines(findings: readonly Finding[], { config, account, region }: DeployedCell): string[] {
  const sorted = ORDER.flatMap((level) => findings.filter((finding) => finding.level === level));
  return [
    ...wrapped(`${config.service} in ${region}, account ${account}`),
    '',
    ...sorted.flatMap(({ level, subject, message, details = [], remedy }) => [
      ...labelledLines([[level, [`${subject}: ${message}`]]]),
      ...copiedLines(details),
      ...labelledLines(remedy === undefined ? [] : [['', [`→ ${remedy}`]]]),
    ]),
    '',
    verdict(findings),
  ];
}

function verdict(findings: readonly Finding[]): string {
  const count = countIn(findings);
  if (count('problem') > 0) return `Not ready: ${counted(count('problem'), 'problem')}.`;
  if (count('unknown') > 0) return `No problem seen, but ${counted(count('unknown'), 'thing')} could not be looked at.`;
  return count('warning') > 0 ? `Ready, with ${counted(count('warning'), 'warning')}.` : 'Ready.';
}

function countIn(findings: readonly Finding[]): (level: Finding['level']) => number {
  return (level) => findings.filter((finding) => finding.level === level).length;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
