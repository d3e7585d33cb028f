/**
 * What a client of Amazon Q Developer in chat applications would export of the one operation that the region has. The SDK's own, which
 * stands at another generation than all others, would bring that along. From
 * https://docs.aws.amazon.com/chatbot/latest/APIReference/API_DescribeSlackWorkspaces.html
 */

const NAMESPACE = 'com.amazonaws.chatbot';

const SlackWorkspace$ = [
  3,
  NAMESPACE,
  'SlackWorkspace',
  0,
  ['SlackTeamId', 'SlackTeamName', 'State', 'StateReason'],
  [0, 0, 0, 0],
  2,
];
const SlackWorkspacesList$ = [1, NAMESPACE, 'SlackWorkspacesList', 0, () => SlackWorkspace$];
const DescribeSlackWorkspacesRequest$ = [
  3,
  NAMESPACE,
  'DescribeSlackWorkspacesRequest',
  0,
  ['MaxResults', 'NextToken'],
  [1, 0],
];
const DescribeSlackWorkspacesResult$ = [
  3,
  NAMESPACE,
  'DescribeSlackWorkspacesResult',
  0,
  ['SlackWorkspaces', 'NextToken'],
  [() => SlackWorkspacesList$, 0],
];
const InvalidRequestException$ = [
  -3,
  NAMESPACE,
  'InvalidRequestException',
  { error: 'client', httpError: 400 },
  ['Message'],
  [0],
];
const DescribeSlackWorkspaces$ = [
  9,
  NAMESPACE,
  'DescribeSlackWorkspaces',
  { http: ['POST', '/describe-slack-workspaces', 200] },
  () => DescribeSlackWorkspacesRequest$,
  () => DescribeSlackWorkspacesResult$,
];

/** By the names that a client gives its schemas. */
export const CHATBOT_CLIENT: Readonly<Record<string, unknown>> = { DescribeSlackWorkspaces$, InvalidRequestException$ };
