/** Pages of the AWS console, by partition; links lead to hosts that are written here, and to no other. */
const HOSTS: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

function consoleAt(arn: string): { readonly base: string; readonly region: string } | undefined {
  const [, partition = '', , region = ''] = arn.split(':');
  const host = HOSTS[partition];
  return host === undefined || !/^[a-z0-9-]+$/.test(region) ? undefined : { base: `https://${region}.${host}`, region };
}

/** The execution in Step Functions' console; undefined where nobody knows one. */
export function executionLink(executionArn: string): string | undefined {
  const at = consoleAt(executionArn);
  return at && `${at.base}/states/home?region=${at.region}#/v2/executions/details/${encodeURIComponent(executionArn)}`;
}

/** The task in ECS's console, where it is for an hour after it stopped. */
export function taskLink(taskArn: string): string | undefined {
  const at = consoleAt(taskArn);
  const [, cluster = '', id = ''] = taskArn.split('/');
  return (
    at &&
    `${at.base}/ecs/v2/clusters/${encodeURIComponent(cluster)}/tasks/${encodeURIComponent(id)}?region=${at.region}`
  );
}
