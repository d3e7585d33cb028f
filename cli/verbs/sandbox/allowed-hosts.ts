import { UsageError, type Flags, type Option } from '../../terminal/command.ts';

/** `--allow-host`: further names of this machine, as containers and tunnels know it. */
export const ALLOW_HOST: Option = {
  type: 'string',
  multiple: true,
  placeholder: 'NAME',
  summary: 'Host that requests may name beside localhost, such as host.docker.internal; may be repeated.',
};

/** The names that were given; throws a {@link UsageError} for what no request could name. */
export function allowedHosts(flags: Flags): readonly string[] {
  const names = (flags['allow-host'] ?? []) as readonly string[];
  const wrong = names.find((name) => !/^(?:[\w.-]+|\[[\da-f:]+\])(?::\d{1,5})?$/i.test(name));
  if (wrong === undefined) return names;
  throw new UsageError(`--allow-host ${wrong}: give the name of a host, with or without a port, not a URL`);
}
