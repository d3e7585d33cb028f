import { afterAll, beforeAll, vi } from 'vitest';

const VARIABLES = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  LEDGER_TABLE: 'ledger',
  SERVICE: 'default/web',
  NOTIFICATION_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:rollouts',
};

/** Gives this file's tests the environment of a handler, and takes it away again: files share their process. */
export function useEnvironment(): void {
  beforeAll(() => {
    for (const [name, value] of Object.entries(VARIABLES)) vi.stubEnv(name, value);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });
}
