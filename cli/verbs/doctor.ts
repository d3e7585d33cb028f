import { existsSync, statSync } from 'node:fs';
import { z } from 'zod';
import { bundleHandlers } from '../../infra/bundles.ts';
import { releaseOf } from '../../infra/release.ts';
import { cellVerb } from '../account/cell-verb.ts';
import { configuredCell, foundCell, type DeployedCell } from '../account/deployed-cell.ts';
import { UsageError, type Flags } from '../terminal/command.ts';
import { examine } from './doctor/examine.ts';
import { checkName, NEED } from './doctor/check-cell.ts';
import type { Finding } from './doctor/finding.ts';
import { findingsOf } from './doctor/findings.ts';
import { commandToDeploy } from './doctor/first-deployment.ts';
import { checkTerraform } from './doctor/terraform.ts';
import { list, serviceDocument } from '../terminal/document.ts';
import { copiedLines, labelledLines, wrapped } from '../terminal/layout.ts';

const reportSchema = serviceDocument({
  account: z.string().describe('Twelve digits.'),
  region: z.string().describe('Where was looked.'),
  ready: z.boolean().describe('Whether no finding is a problem; the exit code says so too.'),
  findings: list(
    z.strictObject({
      level: z
        .enum(['ok', 'warning', 'problem', 'unknown'])
        .describe(
          '`ok`; `warning`: works, but may hurt; `problem`: a rollout would fail or never start; `unknown`: the caller may not look.',
        ),
      subject: z.string().describe('A word or two that name the thing: `circuit breaker`.'),
      message: z.string().describe('One sentence.'),
      details: list(z.string()).describe(
        'What belongs to the message in lines of its own: the subjects that GitHub sends.',
      ),
      remedy: z.string().nullable().describe('How to fix it; null where nothing needs fixing.'),
    }),
  ).describe('What was found, in the order in which it was looked at.'),
});
type ReportDocument = z.infer<typeof reportSchema>;

/** `rollouts doctor`: says what is ready, what is not, and how to fix it; changes nothing. */
export const doctor = cellVerb({
  name: 'doctor',
  summary: 'Says what is ready for rollouts, what is not, and how to fix it; changes nothing.',
  options: {
    terraform: { type: 'string', placeholder: 'DIR', summary: "Looks into this folder's Terraform files too." },
  },
  schema: reportSchema,
  // Whose stack it is, is one of the questions.
  find: foundCell,
  ask: (flags) => ({ terraform: terraformFolder(flags['terraform']) }),
  async runIn(found, { terraform }, { clock }) {
    const cell = asConfigured(found);
    const release = releaseOf(await bundleHandlers());
    const now = clock.now();
    const findings = [
      ...checkName(found),
      ...findingsOf(await examine(cell, now), cell, release, now),
      ...(terraform === undefined ? [] : checkTerraform(terraform, cell.service.family)),
    ];
    const document = report(findings, cell);
    return { document, lines: lines(findings, cell), exitCode: document.ready ? 0 : 1 };
  },
});

/**
 * What the configuration here would make of the cell: whoever has one asks about that. One that gives it another name makes
 * nothing of this cell, and the other must not be deployed.
 */
function asConfigured(cell: DeployedCell): DeployedCell {
  const { configured, service, stateMachineArn, topicArn } = cell;
  if (!configured) return cell;
  if (configured.name !== service.name) return { ...cell, configured: undefined };
  const partition = stateMachineArn.split(':')[1]!;
  return { ...configuredCell({ ...cell, partition }, configured), topicArn };
}

/** Asked for first: AWS need not be asked when it is not there. */
function terraformFolder(flag: Flags[string]): string | undefined {
  if (typeof flag !== 'string') return undefined;
  if (existsSync(flag) && statSync(flag).isDirectory()) return flag;
  throw new UsageError(`--terraform ${flag}: there is no such folder`);
}

function report(findings: readonly Finding[], { config, account, region }: DeployedCell): ReportDocument {
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
    // Whoever rolls next is ready, and may still be the one who is needed.
    ...(findings.some(({ subject }) => subject === NEED) ? ['The service needs someone: rollouts status'] : []),
  ];
}

function verdict(findings: readonly Finding[]): string {
  const count = countIn(findings);
  const command = commandToDeploy(findings);
  if (command !== undefined) return undeployed(command, count('problem') - 1);
  if (count('problem') > 0) return `Not ready: ${counted(count('problem'), 'problem')}.`;
  if (count('unknown') > 0) return `No problem seen, but ${counted(count('unknown'), 'thing')} could not be looked at.`;
  return count('warning') > 0 ? `Ready, with ${counted(count('warning'), 'warning')}.` : 'Ready.';
}

function undeployed(command: string, others: number): string {
  return others === 0 ? `Not deployed yet: ${command}` : `Not deployed yet, and ${counted(others, 'problem')} besides.`;
}

function countIn(findings: readonly Finding[]): (level: Finding['level']) => number {
  return (level) => findings.filter((finding) => finding.level === level).length;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
