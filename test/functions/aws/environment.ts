import { afterAll, beforeAll, vi } from 'vitest';
import { arnElsewhere, ELSEWHERE, repositoryElsewhere } from '../../elsewhere.ts';

const VARIABLES = {
  AWS_REGION: ELSEWHERE.region,
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  LEDGER_TABLE: 'ledger',
  REPOSITORY_URI: repositoryElsewhere('team/web'),
  SERVICE: 'default/web',
  NOTIFICATION_TOPIC_ARN: arnElsewhere('sns', 'rollouts'),
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
