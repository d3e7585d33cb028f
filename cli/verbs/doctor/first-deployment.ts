import type { CheckedService } from '../../../configuration/configuration.ts';
import { enumerated } from '../../terminal/layout.ts';
import type { Examined } from './examine.ts';
import { DEPLOY, problem, type Finding, type Looked } from './finding.ts';

const SUBJECT = 'cell';
/** Resources that outlived their stack join the new one. */
const TAKE_OVER = `${DEPLOY} --import-existing-resources`;

/**
 * The findings where the cell is not deployed: one says so, and what else the first deployment creates. What a deployment does
 * not answer stays: a service to adopt that is not there, a parameter that the containers read.
 */
export function beforeFirstDeployment(
  findings: readonly Finding[],
  seen: Pick<Examined, 'machine' | 'service' | 'repository' | 'pushRole' | 'identityProvider' | 'ledger'>,
  service: CheckedService,
): Finding[] {
  const created = creations(seen, service);
  const answered = new Set([SUBJECT, 'push rule', ...created.map(({ subject }) => subject)]);
  const left = findings.filter(({ level, subject }) => level !== 'problem' || !answered.has(subject));
  const all = ['the cell, which follows pushes', ...created.map(({ what }) => what)];
  const creates = `creates ${enumerated(all)}.`;
  // A table without its state machine belongs to no stack, and CloudFormation creates nothing that is there.
  const hasLedger = 'found' in seen.ledger && seen.ledger.found !== undefined;
  const finding = hasLedger
    ? problem(
        SUBJECT,
        `Not deployed, but the ledger of an earlier deployment is there. The next one takes it over, and ${creates}`,
        TAKE_OVER,
      )
    : problem(
        SUBJECT,
        `Not deployed yet. The first deployment ${creates} Once per account and Region: npx cdk bootstrap.`,
        DEPLOY,
      );
  return [finding, ...left];
}

/** The command that deploys what the findings say is not deployed. */
export function commandToDeploy(findings: readonly Finding[]): string | undefined {
  return findings.find(({ level, subject }) => level === 'problem' && subject === SUBJECT)?.remedy;
}

/** What is configured to be created and is not there, by the subject of its finding. */
function creations(
  { service, repository, pushRole, identityProvider }: Parameters<typeof beforeFirstDeployment>[1],
  configured: CheckedService,
): { readonly subject: string; readonly what: string }[] {
  const { registry, github, provision, cluster, serviceName } = configured;
  return [
    ...(registry && isAbsent(repository)
      ? [{ subject: 'repository', what: `the repository ${configured.repository}` }]
      : []),
    ...(github && isAbsent(pushRole) ? [{ subject: 'push role', what: `the push role ${github.roleName}` }] : []),
    ...(github && isAbsent(identityProvider)
      ? [{ subject: 'identity', what: "GitHub's identity provider for the account" }]
      : []),
    // A deleted service is remembered for a while.
    ...(provision && (isAbsent(service) || ('found' in service && service.found?.status === 'INACTIVE'))
      ? [{ subject: 'service', what: `the service ${cluster}/${serviceName}` }]
      : []),
  ];
}

function isAbsent(looked: Looked<unknown>): boolean {
  return 'found' in looked && looked.found === undefined;
}
