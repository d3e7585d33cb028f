import { GetParametersByPathCommand, type GetParametersByPathResult, type SSMClient } from '@aws-sdk/client-ssm';
import { parseRegistration, REGISTRATIONS, type Registration } from '../../configuration/registration.ts';

/** The cells that have registered in an account and Region. */
export interface Registered {
  /** In the order of their services. */
  readonly cells: readonly Registration[];
  /** Names of parameters that say nothing that this release reads. */
  readonly unreadable: readonly string[];
}

/** Pages that are followed before the reading is given up aloud: ten cells each. */
const PAGES_MAX = 500;

/** All of them, ten with every call. */
export async function readRegistrations(ssm: SSMClient): Promise<Registered> {
  const cells: Registration[] = [];
  const unreadable: string[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const request = new GetParametersByPathCommand({ Path: REGISTRATIONS, Recursive: true, NextToken });
    const answer: GetParametersByPathResult = await ssm.send(request);
    for (const { Name = '', Value = '' } of answer.Parameters ?? []) {
      const cell = parseRegistration(Value);
      if (cell && Name === `${REGISTRATIONS}/${cell.config.service}`) cells.push(cell);
      else unreadable.push(Name);
    }
    NextToken = answer.NextToken;
    if (!NextToken) return { cells: cells.sort(byService), unreadable };
  }
  throw new Error(
    `More than ${PAGES_MAX * 10} parameters stand below ${REGISTRATIONS}, and no more are read: delete those of cells that are gone.`,
  );
}

function byService(one: Registration, other: Registration): number {
  return one.config.service < other.config.service ? -1 : 1;
}
