import { Readable } from 'node:stream';
import { STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { chatbotClient, type ChatbotClient } from '../../../cli/account/slack-workspaces.ts';

interface Sent {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}

/** A client in that Region which is answered so, one answer after the other, and what it sends. */
function answered(
  region: string,
  answers: readonly Answer[],
  endpoint?: string,
): { client: ChatbotClient; sent: Sent[] } {
  const sent: Sent[] = [];
  const sts = new STSClient({
    region,
    credentials: { accessKeyId: 'CANNED', secretAccessKey: 'x', sessionToken: 'session' },
    requestHandler: {
      handle: async (request: Sent) => {
        const { statusCode, headers = {}, body } = answers[sent.length]!;
        sent.push(request);
        return { response: { statusCode, headers, body: Readable.from([JSON.stringify(body)]) } } as never;
      },
    },
  });
  return { client: chatbotClient(sts, endpoint), sent };
}

const NONE: Answer = { statusCode: 200, body: { SlackWorkspaces: [] } };

describe('the Slack workspaces of an account', () => {
  it('are asked for by a signed request, page after page', async () => {
    const { client, sent } = answered('eu-west-1', [
      { statusCode: 200, body: { SlackWorkspaces: [{ SlackTeamId: 'T1' }], NextToken: 'more' } },
      { statusCode: 200, body: { SlackWorkspaces: [{ SlackTeamId: 'T2' }] } },
    ]);
    expect(await client.slackWorkspaces()).toEqual([{ SlackTeamId: 'T1' }, { SlackTeamId: 'T2' }]);
    expect(sent.map(({ method, path, body }) => [method, path, JSON.parse(body) as unknown])).toEqual([
      ['POST', '/describe-slack-workspaces', {}],
      ['POST', '/describe-slack-workspaces', { NextToken: 'more' }],
    ]);
    expect(sent[0]!.headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=CANNED\/\d{8}\/eu-west-1\/chatbot\/aws4_request, SignedHeaders=content-type;host;/,
    );
    expect(sent[0]!.headers['x-amz-security-token']).toBe('session');
  });

  it.each([
    ['where they are served', 'ap-southeast-1', undefined, 'chatbot.ap-southeast-1.amazonaws.com', 'ap-southeast-1'],
    ['in Ohio from where they are not', 'eu-central-1', undefined, 'chatbot.us-east-2.amazonaws.com', 'us-east-2'],
    ['at the endpoint that is set', 'eu-central-1', 'http://127.0.0.1:4566', '127.0.0.1', 'eu-central-1'],
  ])('are asked for %s', async (_where, region, endpoint, hostname, signedFor) => {
    const { client, sent } = answered(region, [NONE], endpoint);
    await client.slackWorkspaces();
    expect(sent[0]!.hostname).toBe(hostname);
    expect(sent[0]!.headers['authorization']).toContain(`/${signedFor}/chatbot/`);
  });

  it.each([
    ['in the header', { 'x-amzn-errortype': 'AccessDeniedException:http://x' }, { Message: 'no' }],
    ['in the body', {}, { __type: 'com.amazonaws#AccessDeniedException', message: 'no' }],
  ])('are an error with AWS’s name %s', async (_where, headers, body) => {
    const { client } = answered('us-east-2', [{ statusCode: 403, headers, body }]);
    await expect(client.slackWorkspaces()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: 'no',
      $metadata: { httpStatusCode: 403 },
    });
  });
});
