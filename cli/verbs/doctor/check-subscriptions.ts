import type { Subscription } from '@aws-sdk/client-sns';
import { plainText } from '../../../functions/rollout/identifiers.ts';
import { judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';

const SUBJECT = 'notifications';

/** Whether anybody hears of outcomes and alarms: who has not confirmed a subscription is sent nothing, and AWS tells nobody. */
export function checkSubscriptions(looked: Looked<readonly Subscription[] | 'no topic'>): Finding[] {
  return judge(SUBJECT, looked, (found) => {
    if (!found) return [];
    if (found === 'no topic') return [NO_TOPIC];
    const pending = found.filter(({ SubscriptionArn }) => SubscriptionArn === 'PendingConfirmation');
    const confirmed = found.length - pending.length;
    if (pending.length > 0) return [unconfirmed(pending, confirmed)];
    if (confirmed === 0) return [NOBODY];
    const count = confirmed === 1 ? '1 subscription hears' : `${confirmed} subscriptions hear`;
    return [ok(SUBJECT, `${count} of outcomes and alarms.`)];
  });
}

const NO_TOPIC = problem(
  SUBJECT,
  'The topic of outcomes and alarms is gone: nobody is told, and rollouts cannot conclude in full.',
  'create it again, or name another one as notify.topicArn and deploy',
);

const NOBODY = warning(
  SUBJECT,
  'Nobody is told of outcomes and alarms: no one has subscribed to the topic.',
  "add notify: { emails: ['you@example.com'] } to the configuration and deploy, or subscribe to the topic yourself",
);

function unconfirmed(pending: readonly Subscription[], confirmed: number): Finding {
  const who = pending.map(({ Endpoint = '', Protocol = '' }) => `${plainText(Endpoint)} (${Protocol})`).join(', ');
  const have = pending.length === 1 ? 'has not confirmed the subscription' : 'have not confirmed their subscriptions';
  const message =
    confirmed === 0
      ? `Nobody is told of outcomes and alarms yet: ${who} ${have}.`
      : `${who} ${have}, and ${pending.length === 1 ? 'is' : 'are'} told nothing.`;
  return warning(
    SUBJECT,
    message,
    'follow the link in the mail "AWS Notification - Subscription Confirmation"; it may be among the spam',
  );
}
