import { readFileSync } from 'node:fs';

/** `rollouts 1.2.3`, as package.json has it. */
export function versionLine(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return `rollouts ${version}`;
}
