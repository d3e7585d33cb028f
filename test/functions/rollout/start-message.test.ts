import { describe, expect, it } from 'vitest';
import type { Owner } from '../../../functions/rollout/ledger.ts';
import { messageFor } from '../../../functions/rollout/message.ts';
import { startMessage } from '../../../functions/rollout/start-message.ts';
import { startOf } from '../../../functions/rollout/started.ts';
import { ELSEWHERE } from '../../elsewhere.ts';
import { deployment, emptyService, execution, NOW, owner, record, revision } from './given.ts';

const SELECTED = { reason: 'Selected', message: 'It is selected.' };
const started = (changes: Partial<Owner> = {}) =>
  startOf(owner({ accepted: SELECTED, trigger: 'push', ...changes }), 'default/web', {
    taskDefinition: revision(2),
    deploymentId: deployment(2),
    since: NOW,
  });

interface Chat {
  readonly id: string;
  readonly content: Readonly<Record<string, unknown>> & { readonly description: string };
  readonly metadata: Readonly<Record<string, unknown>>;
}
const chatOf = ({ bodies }: ReturnType<typeof startMessage>): Chat => JSON.parse(bodies.https) as Chat;

it('is an e-mail that leads with what is rolled, and with what comes back if it fails', () => {
  const home = 'https://us-gov-east-1.console.amazonaws-us-gov.com';
  const where = `?region=${ELSEWHERE.region}`;
  const { kind, subject, bodies } = startMessage(started());
  expect({ kind, subject }).toEqual({ kind: 'started', subject: 'STARTED: default/web' });
  expect(bodies.email.split('\n')).toEqual([
    'default/web is rolling out build-b (sha256:bbbbbbbbbbbb) as web:2; if it fails, web:1 (sha256:aaaaaaaaaaaa) comes back.',
    '',
    'Why: It is selected. (Selected)',
    'When: started 2026-01-02T03:03:05.000Z by a push, on the service since 2026-01-02T03:04:05.000Z',
    'Next: npx rollouts watch --service default/web',
    `Execution: ${home}/states/home${where}#/v2/executions/details/${execution('r1')}`,
    `Service: ${home}/ecs/v2/clusters/default/services/web/health${where}`,
  ]);
});

it.each<[string, Partial<Owner>, string]>([
  [
    'a launch',
    { rollbackTarget: emptyService(1) },
    'is rolling out build-b (sha256:bbbbbbbbbbbb) as web:2; nothing proven ran before.',
  ],
  ['nothing proven', { rollbackTarget: undefined }, 'as web:2; nothing proven ran before.'],
  [
    'a rollback',
    { request: { rollback: true } },
    'default/web is going back to build-b (sha256:bbbbbbbbbbbb) as web:2; if it fails,',
  ],
])('of %s says so', (_what, changes, lead) => {
  expect(startMessage(started(changes)).bodies.email.split('\n')[0]).toContain(lead);
});

it('is to queues what is known by then, in the words of a record', () => {
  const told = started();
  expect(JSON.parse(startMessage(told).bodies.default)).toEqual(JSON.parse(JSON.stringify(told)));
});

describe('to a chat', () => {
  it('stands in the same thread as the end, as another message', () => {
    const chat = chatOf(startMessage(started()));
    const end = JSON.parse(messageFor({ record: record() }).bodies.https) as Chat;
    expect(chat.metadata['threadId']).toBe(end.metadata['threadId']);
    expect(chat.id).not.toBe(end.id);
    expect(chat).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: { textType: 'client-markdown', title: 'STARTED: default/web', keywords: ['STARTED', 'default/web'] },
      metadata: { additionalContext: { rolloutId: 'r1', service: 'default/web', state: 'STARTED' } },
    });
  });

  it('calls nobody, whatever a tag or a reason says', () => {
    const image = { ...owner().image, tag: '@channel<!here>' };
    const chat = chatOf(startMessage(started({ image, accepted: { reason: '<b>', message: '@everyone & <all>' } })));
    expect(JSON.stringify(chat)).not.toMatch(/<|@(?:channel|everyone)/);
  });
});
