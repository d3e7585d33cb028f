import { checkConfiguration } from '../../../configuration/check-configuration.ts';
import type { CheckedService } from '../../../configuration/configuration.ts';
import { ConfigurationError } from '../../../configuration/configuration-error.ts';
import { loadConfiguration, readConfiguration } from '../../../configuration/load-configuration.ts';
import { UsageError } from '../../terminal/command.ts';
import { withService } from './add-service.ts';
import type { Answers, Plan } from './answers.ts';
import { serviceOf } from './check-answers.ts';
import { configurationFile, serviceEntry } from './configuration-file.ts';
import type { Draft } from './write-all.ts';

/** What a configuration is written from. */
interface Written {
  readonly answers: Answers;
  readonly plan: Plan;
  /** Where the file finds `configuration/configuration.ts`. */
  readonly typesFrom: string;
  /** Whether the services stay that the file lists. */
  readonly isAdded: boolean;
}

/** The configuration file: a new one, or the one that is there with the service added to it. */
export async function configurationDraft(file: Pick<Draft, 'path' | 'old'>, written: Written): Promise<Draft> {
  const { plan, typesFrom, isAdded } = written;
  if (!isAdded || file.old === undefined) return { ...file, text: configurationFile(plan, typesFrom) };
  const { whole, services, index } = await listWith(file.path, written);
  checkConfiguration({ ...whole, services }, file.path);
  const entry = serviceEntry(plan);
  const count = index === undefined ? services.length - 1 : services.length;
  const text = withService(file.old, entry, { index, count });
  if (text === undefined)
    throw new UsageError(
      `${file.path}: its services are not written out as one list, so add this one yourself:\n    ${entry},\nNothing was written.`,
    );
  return { ...file, text, isAddition: index === undefined };
}

/** Names of the other services that a configuration lists; where it cannot be read none, unless it must be. */
export async function othersIn(path: string, plan: Plan, mustBeRead: boolean): Promise<string[]> {
  try {
    const { services } = await loadConfiguration(path);
    return services.filter((each) => !isSame(each, plan.service)).map(({ serviceName }) => serviceName);
  } catch (error) {
    if (mustBeRead || !(error instanceof ConfigurationError)) throw error;
    return [];
  }
}

function isSame(one: CheckedService, other: CheckedService): boolean {
  return one.serviceName === other.serviceName && one.cluster === other.cluster;
}

/** The services with the new one: at the end, or in place of the one of that name, whose index is told. */
async function listWith(
  path: string,
  { answers, plan }: Written,
): Promise<{ readonly whole: object; readonly services: readonly unknown[]; readonly index: number | undefined }> {
  const raw = (await readConfiguration(path)) as { readonly services: readonly unknown[] };
  const found = checkConfiguration(raw, path).services.findIndex((each) => isSame(each, plan.service));
  const service = serviceOf(answers);
  return found < 0
    ? { whole: raw, services: [...raw.services, service], index: undefined }
    : { whole: raw, services: raw.services.with(found, service), index: found };
}
