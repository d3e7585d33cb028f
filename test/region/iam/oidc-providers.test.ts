import {
  CreateOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  type CreateOpenIDConnectProviderRequest,
} from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkRequest } from '../../../region/iam/iam.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import type { Caller } from '../../../region/service.ts';
import { createPusher, ISSUER, PROVIDER_ARN, PUSHER_ARN, trustGitHub, trusting } from './github-fixture.ts';
import { clientConfiguration, driven } from '../wire/endpoint.ts';

const URL = `https://${ISSUER}`;
const AUD = 'sts.amazonaws.com';

let region: Region;

beforeEach(() => {
  region = createRegion();
});

describe('an OpenID Connect provider', () => {
  const client = () => new IAMClient(clientConfiguration(region.connect, 'OPERATOR'));
  const create = (input: Partial<CreateOpenIDConnectProviderRequest> = {}) =>
    driven(
      region.kernel,
      client().send(new CreateOpenIDConnectProviderCommand({ Url: URL, ClientIDList: [AUD], ...input })),
    );

  it('is created, found and listed over the wire', async () => {
    const Tags = [{ Key: 'team', Value: 'harbour' }];
    expect(await create({ Tags })).toMatchObject({ OpenIDConnectProviderArn: PROVIDER_ARN, Tags });
    const get = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER_ARN });
    expect(await driven(region.kernel, client().send(get))).toMatchObject({ Url: ISSUER, ClientIDList: [AUD], Tags });
    const { OpenIDConnectProviderList } = await driven(
      region.kernel,
      client().send(new ListOpenIDConnectProvidersCommand({})),
    );
    expect(OpenIDConnectProviderList).toEqual([{ Arn: PROVIDER_ARN }]);
  });

  it('is one for each URL and account, however it was created', async () => {
    await create();
    await expect(create({ ClientIDList: ['other'] })).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: `Provider with url ${URL} already exists.`,
      $metadata: { httpStatusCode: 409 },
    });
    await expect(trustGitHub(region)).rejects.toMatchObject({ code: 'EntityAlreadyExistsException', status: 409 });
    await expect(create({ Url: 'https://tokens.example.com' })).resolves.toMatchObject({
      OpenIDConnectProviderArn: 'arn:aws:iam::123456789012:oidc-provider/tokens.example.com',
    });
  });

  it('is created from a template, with neither thumbprints nor tags', async () => {
    const properties = { Url: URL, ClientIdList: [AUD] };
    const created = await region.resources['AWS::IAM::OIDCProvider']!('GitHub', properties, 'Stack');
    expect(created).toEqual({ ref: PROVIDER_ARN, attributes: { Arn: PROVIDER_ARN } });
    const wrong = async () => region.resources['AWS::IAM::OIDCProvider']!('X', { ...properties, Pets: [] }, 'Stack');
    await expect(wrong()).rejects.toThrow('the property Pets of AWS::IAM::OIDCProvider X is not modelled');
  });

  it.each([
    ['a URL without https', { Url: 'http://tokens.example.com' }, 'InvalidInputException'],
    ['a URL with a port', { Url: 'https://tokens.example.com:8443' }, 'InvalidInputException'],
    ['a thumbprint of another length', { ThumbprintList: ['abc'] }, 'ValidationError'],
    ['six thumbprints', { ThumbprintList: Array<string>(6).fill('a'.repeat(40)) }, 'InvalidInputException'],
    ['101 client ids', { ClientIDList: Array.from({ length: 101 }, (_, i) => `id-${i}`) }, 'LimitExceededException'],
  ])('is refused with %s', async (_, input, name) => {
    await expect(create(input)).rejects.toMatchObject({ name });
  });

  it('that does not exist is not found', async () => {
    const get = new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: PROVIDER_ARN });
    await expect(driven(region.kernel, client().send(get))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('is found in any region: IAM is signed for us-east-1 everywhere', async () => {
    region = createRegion({ region: 'eu-central-1' });
    await expect(create()).resolves.toMatchObject({ OpenIDConnectProviderArn: PROVIDER_ARN });
  });
});

describe('the permission to create one', () => {
  const caller: Caller = { kind: 'role', roleArn: PUSHER_ARN, sessionName: 'session' };
  const create = (input: object = {}) =>
    region.call(caller, 'iam', 'CreateOpenIDConnectProvider', { Url: URL, ClientIDList: [AUD], ...input });
  const allowing = (actions: readonly string[]) =>
    createPusher(region, trusting({ StringEquals: { sub: 'repo:harbour/lighthouse:ref:refs/heads/main' } }), {
      actions,
    });

  it('names the provider', async () => {
    await allowing(['iam:ListOpenIDConnectProviders']);
    await expect(create()).rejects.toThrow(
      `is not authorized to perform: iam:CreateOpenIDConnectProvider on resource: ${PROVIDER_ARN}`,
    );
    expect(await region.call(caller, 'iam', 'ListOpenIDConnectProviders', {})).toEqual({
      OpenIDConnectProviderList: [],
    });
  });

  it('does not include tags', async () => {
    await allowing(['iam:CreateOpenIDConnectProvider']);
    await expect(create({ Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toThrow(/perform: iam:TagOpenIDConnectProvider/);
    await expect(create()).resolves.toMatchObject({ OpenIDConnectProviderArn: PROVIDER_ARN });
  });

  it.each(['iam:CreateOpenIDConnectProvider', 'iam:TagOpenIDConnectProvider', 'iam:GetOpenIDConnectProvider'])(
    '%s takes the resource that the region asks for',
    async (action) => {
      expect(await checkRequest({ action, resource: PROVIDER_ARN })).toBeUndefined();
    },
  );
});
