import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import {
  parseRegistration,
  registrationBytes,
  registrationName,
  registrationOf,
  type Registration,
} from '../../configuration/registration.ts';

const [service] = checkConfiguration({
  services: [{ repository: 'team/api', container: 'app', cluster: 'prod' }],
}).services;
const CREATED = { release: '0123456789ab', stateMachineArn: 'arn:a', ledgerTableArn: 'arn:b', topicArn: 'arn:c' };
const REGISTRATION = registrationOf(service!, CREATED);

describe('a registration', () => {
  it('stands under the cluster and the service', () => {
    expect(registrationName(service!)).toBe('/rollouts-cells/prod/api');
  });

  it('is read as it was written', () => {
    const { taskRole: _task, architecture: _architecture, ...written } = REGISTRATION;
    expect(parseRegistration(JSON.stringify(REGISTRATION))).toEqual({
      ...written,
      config: JSON.parse(JSON.stringify(written.config)) as object,
    });
  });

  it('of a later release is read, too: members that are added change nothing', () => {
    const later = { ...REGISTRATION, newer: 'x', config: { ...REGISTRATION.config, later: true } };
    expect(parseRegistration(JSON.stringify(later))).toMatchObject({ newer: 'x', config: { later: true } });
  });

  it.each<[string, string]>([
    ['no JSON', 'prod'],
    ['a schema that is not known', JSON.stringify({ ...REGISTRATION, schema: 2 })],
    ['a member that is missing', JSON.stringify({ ...REGISTRATION, stateMachineArn: undefined })],
    ['a configuration that is none', JSON.stringify({ ...REGISTRATION, config: { service: 'prod/api' } })],
  ])('is none with %s', (_, value) => {
    expect(parseRegistration(value)).toBeUndefined();
  });

  it('is estimated no shorter than it is where names are longest', () => {
    const place = 'us-gov-west-1:123456789012';
    const deployed: Registration = {
      ...REGISTRATION,
      stateMachineArn: `arn:aws-us-gov:states:${place}:stateMachine:rollouts-api`,
      ledgerTableArn: `arn:aws-us-gov:dynamodb:${place}:table/rollouts-api`,
      topicArn: `arn:aws-us-gov:sns:${place}:rollouts-api-Notifications7F2C3A41-Q1w2E3r4T5y6`,
    };
    const bytes = JSON.stringify(deployed).length;
    expect(registrationBytes(service!)).toBeGreaterThanOrEqual(bytes);
    expect(registrationBytes(service!)).toBeLessThan(bytes + 100);
  });
});
