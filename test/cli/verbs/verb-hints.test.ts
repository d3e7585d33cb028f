import { expect, it } from 'vitest';
import { verbHints } from '../../../cli/verbs/sandbox/verb-hints.ts';
import type { CheckedService } from '../../../configuration/configuration.ts';

const api = { cluster: 'default', serviceName: 'api' };
const web = { cluster: 'prod', serviceName: 'web' };
const provisioned = { ...web, provision: {} as NonNullable<CheckedService['provision']> };

it.each([
  ['the configuration that everybody has', [api], undefined, ['  npx rollouts status']],
  ['another file', [api], "it's mine.ts", ["  npx rollouts status --config 'it'\\''s mine.ts'"]],
  ['several services', [api, provisioned], 'my.ts', ['  npx rollouts status --config my.ts --service api']],
])('the sandbox hints at the flags that its service needs: %s', (_, services, file, lines) => {
  expect(verbHints(services, api, file)).toEqual(lines);
});

it('the sandbox names what is configured, but adopted and not there', () => {
  expect(verbHints([api, web], api, undefined).slice(1)).toEqual(['', expect.stringMatching(/adopt them: prod\/web$/)]);
});
