import type { AssemblyStack } from './cloud-assembly.ts';

const TOPIC_ARN = /^arn:[a-z-]+:sns:/;

/** The topics to which the alarms of a cloud assembly publish without a stack that creates them: those that are named by their ARN. */
export function outsideTopics(stacks: readonly AssemblyStack[]): string[] {
  const alarms = stacks.flatMap(({ template }) =>
    Object.values(template.Resources ?? {}).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm'),
  );
  const actions = alarms.flatMap(({ Properties }) => (Properties?.['AlarmActions'] ?? []) as readonly unknown[]);
  return [
    ...new Set(actions.filter((action): action is string => typeof action === 'string' && TOPIC_ARN.test(action))),
  ];
}
