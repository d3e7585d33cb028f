import { describe, expect, it } from 'vitest';
import { choose, refuseAmbiguous, type Candidates } from '../../../cli/account/chosen-cell.ts';
import { checkConfiguration } from '../../../configuration/check-configuration.ts';
import { ledgerKey, type CheckedService } from '../../../configuration/configuration.ts';
import { registrationOf } from '../../../configuration/registration.ts';

const CREATED = { release: '0123456789ab', stateMachineArn: 'arn:a', ledgerTableArn: 'arn:b', topicArn: 'arn:c' };
const PLACE = 'eu-west-1, account 111122223333';

function services(...keys: string[]): readonly CheckedService[] {
  return keys.flatMap((key) => {
    const [cluster, service] = key.split('/') as [string, string];
    return checkConfiguration({ services: [{ repository: 'team/api', container: 'a', cluster, service }] }).services;
  });
}

/** What has registered and what is configured, by `cluster/service`. */
function given(registered: readonly string[], configured: readonly string[] = []): Candidates {
  const cells = services(...registered).map((service) => registrationOf(service, CREATED));
  return { registered: { cells, unreadable: [] }, configured: services(...configured), place: PLACE };
}

/** The key that is chosen, and how it is known. */
function chosenOf(candidates: Candidates, name?: string): string {
  const { registration, configured } = choose(candidates, name);
  const here = configured ? ', configured' : '';
  return registration ? `${registration.config.service} registered${here}` : `${ledgerKey(configured)}${here}`;
}

describe('the service', () => {
  it.each<[string, Candidates, string | undefined, string]>([
    ['that is the only one', given(['prod/api']), undefined, 'prod/api registered'],
    [
      'of the configuration',
      given(['prod/api', 'prod/web'], ['prod/web']),
      undefined,
      'prod/web registered, configured',
    ],
    ['that is configured, registered or not', given(['prod/api'], ['prod/web']), undefined, 'prod/web, configured'],
    ['by its name', given(['prod/api', 'prod/web']), 'web', 'prod/web registered'],
    ['by its cluster and name', given(['prod/api', 'staging/api']), 'staging/api', 'staging/api registered'],
    ['that another configuration has', given(['prod/api'], ['prod/web']), 'api', 'prod/api registered'],
    ['that has not registered', given(['prod/api'], ['prod/web']), 'web', 'prod/web, configured'],
    [
      'of two with that name that is configured here',
      given(['prod/api', 'staging/api'], ['prod/api', 'prod/web']),
      'api',
      'prod/api registered, configured',
    ],
  ])('%s is found', (_, candidates, name, expected) => {
    expect(chosenOf(candidates, name)).toBe(expected);
  });

  it.each<[string, Candidates, string | undefined, string]>([
    [
      'of a name that two have',
      given(['prod/api', 'staging/api']),
      'api',
      `2 services are called api in ${PLACE}: --service prod/api, --service staging/api`,
    ],
    [
      'that nobody names, among several',
      given(['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6']),
      undefined,
      `6 services have registered in ${PLACE}; name one: --service a/1, --service a/2, --service a/3, --service a/4, --service a/5, … (rollouts status --all shows all)`,
    ],
    [
      'that nobody names, among several that are configured',
      given([], ['prod/api', 'prod/web']),
      undefined,
      '2 services are configured; name one: --service prod/api, --service prod/web',
    ],
    [
      'that is misspelled',
      given(['prod/api', 'prod/web']),
      'wep',
      `no service "wep" has registered in ${PLACE}, nor is it configured here; did you mean web?`,
    ],
    [
      'that is nowhere',
      given(['prod/api'], ['prod/web']),
      'something-else',
      `no service "something-else" has registered in ${PLACE}, nor is it configured here; there is prod/api, prod/web`,
    ],
  ])('%s is misuse', (_, candidates, name, message) => {
    expect(() => choose(candidates, name)).toThrow(expect.objectContaining({ name: 'UsageError', message }));
  });

  it('is not guessed by the configuration for whoever acts on it', () => {
    const both = given(['prod/api', 'staging/api'], ['prod/api']);
    const message = `2 services are called api in ${PLACE}: --service prod/api, --service staging/api`;
    expect(() => refuseAmbiguous(both, 'api')).toThrow(expect.objectContaining({ name: 'UsageError', message }));
    for (const name of ['prod/api', 'staging/api', 'web', undefined])
      expect(() => refuseAmbiguous(both, name)).not.toThrow();
  });

  it.each([undefined, 'api'])('%s cannot be found where no cell is known: what to do is said', (name) => {
    const message = `no service has registered in ${PLACE}: deploy one (npx cdk deploy --all), set AWS_REGION or AWS_PROFILE to where it is, or, for a cell of an older release, name its configuration with --config FILE`;
    expect(() => choose(given([]), name)).toThrow(expect.objectContaining({ name: 'AwsFailure', message }));
  });
});
