import type { CheckedService } from '../../../configuration/configuration.ts';
import { wrapped } from '../../terminal/layout.ts';

type Named = Pick<CheckedService, 'cluster' | 'serviceName' | 'provision'>;

/** The verb that shows how the service stands, with the flags that it needs, and which services are not there to be shown. */
export function verbHints(
  services: readonly Named[],
  standing: Pick<Named, 'cluster' | 'serviceName'>,
  configFile: string | undefined,
): string[] {
  const { cluster, serviceName } = standing;
  const flags = [
    ...(configFile === undefined ? [] : [`--config ${shellWord(configFile)}`]),
    ...(services.length > 1 ? [`--service ${serviceName}`] : []),
  ];
  // A provisioned service is part of the stacks, which are all loaded.
  const absent = services.filter(
    (service) => !service.provision && (service.cluster !== cluster || service.serviceName !== serviceName),
  );
  return [`  ${['npx rollouts status', ...flags].join(' ')}`, ...absentLines(absent)];
}

function absentLines(absent: readonly Named[]): string[] {
  if (absent.length === 0) return [];
  const names = absent.map(({ cluster, serviceName }) => `${cluster}/${serviceName}`).join(', ');
  return ['', ...wrapped(`Configured, but not in this region, as their stacks only adopt them: ${names}`)];
}

/** The text as one word of a POSIX shell. */
function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
