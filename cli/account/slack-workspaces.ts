import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';

/** A Slack workspace that someone has authorized for the account. */
export interface SlackWorkspace {
  readonly SlackTeamId?: string;
  /** `DISABLED` where a policy of the organization forbids it. */
  readonly State?: string;
  readonly StateReason?: string;
}

/** Amazon Q Developer in chat applications, which its API still calls AWS Chatbot. */
export interface ChatbotClient {
  /** The workspaces of the account, whatever the Region. */
  slackWorkspaces(): Promise<readonly SlackWorkspace[]>;
  destroy(): void;
}

/** Where the API is (https://docs.aws.amazon.com/chatbot/latest/adminguide/vpc-interface-endpoints.html); all have the same. */
const REGIONS = ['us-east-2', 'us-west-2', 'eu-west-1', 'ap-southeast-1'] as const;

/** Pages that are followed. */
const PAGES_MAX = 20;

/**
 * Signs its one request by hand, and sends it as another client does, with that client's credentials and time-outs: the SDK's own
 * client of the service would bring a second generation of everything below it.
 */
export function chatbotClient(sts: STSClient, endpoint: string | undefined): ChatbotClient {
  return {
    async slackWorkspaces() {
      const found: SlackWorkspace[] = [];
      let NextToken: string | undefined;
      for (let page = 0; page < PAGES_MAX; page++) {
        const answer = await describe(sts, endpoint, { NextToken });
        found.push(...(answer.SlackWorkspaces ?? []));
        NextToken = answer.NextToken;
        if (NextToken === undefined) break;
      }
      return found;
    },
    // What is open is the other client's.
    destroy: () => undefined,
  };
}

interface Answer {
  readonly SlackWorkspaces?: readonly SlackWorkspace[];
  readonly NextToken?: string;
}

async function describe({ config }: STSClient, endpoint: string | undefined, input: object): Promise<Answer> {
  const { credentials, requestHandler, sha256 } = config;
  const own = await config.region();
  // A stand-in for AWS is in the Region that everything else is in.
  const region = endpoint === undefined ? (REGIONS.find((one) => one === own) ?? REGIONS[0]) : own;
  const { protocol, hostname, port, host } = new URL(endpoint ?? `https://chatbot.${region}.amazonaws.com`);
  const signer = new SignatureV4({ credentials, region, service: 'chatbot', sha256 });
  const request = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: '/describe-slack-workspaces',
    query: {},
    headers: { host, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const { response } = await requestHandler.handle(request as Parameters<typeof requestHandler.handle>[0]);
  const answered = JSON.parse(await text(response.body as Readable)) as object;
  if (response.statusCode < 300) return answered;
  throw failed(response.statusCode, response.headers['x-amzn-errortype'], answered);
}

interface ToldFailure {
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
}

/** As the SDK throws it: the name is AWS's. */
function failed(httpStatusCode: number, header: string | undefined, told: ToldFailure): Error {
  const { __type, message, Message = message } = told;
  const name = (header ?? __type ?? 'UnknownError').replace(/:.*|.*#/g, '');
  return Object.assign(new Error(Message), { name, $metadata: { httpStatusCode } });
}
