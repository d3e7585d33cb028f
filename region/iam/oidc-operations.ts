import type {
  CreateOpenIDConnectProviderRequest,
  CreateOpenIDConnectProviderResponse,
  GetOpenIDConnectProviderRequest,
  GetOpenIDConnectProviderResponse,
  ListOpenIDConnectProvidersRequest,
  ListOpenIDConnectProvidersResponse,
  Tag,
} from '@aws-sdk/client-iam';
import { z } from 'zod';
import { readProperties } from '../properties.ts';
import { operation, type Operation, type PermissionRequest, type ResourceCreator } from '../service.ts';
import type { Identities } from './model.ts';
import { createProvider, providerArn, providerWithArn } from './oidc-providers.ts';

/** The IAM operations on OpenID Connect identity providers. */
export function oidcOperations(identities: Identities): Record<string, Operation> {
  return {
    CreateOpenIDConnectProvider: operation<CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse>({
      permissions: ({ Url = '', Tags = [] }) => creationPermissions(providerArn(identities, Url), Tags),
      apply({ Url = '', ClientIDList = [], ThumbprintList = [], Tags = [] }) {
        const provider = createProvider(identities, {
          url: Url,
          clientIds: ClientIDList,
          thumbprints: ThumbprintList,
          tags: new Map(Tags.map(({ Key, Value }) => [Key!, Value!])),
        });
        return { OpenIDConnectProviderArn: provider.arn, ...(Tags.length > 0 && { Tags }) };
      },
    }),
    GetOpenIDConnectProvider: operation<GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse>({
      permissions: ({ OpenIDConnectProviderArn = '' }) => [
        { action: 'iam:GetOpenIDConnectProvider', resource: OpenIDConnectProviderArn },
      ],
      apply: ({ OpenIDConnectProviderArn = '' }) => describe(identities, OpenIDConnectProviderArn),
    }),
    ListOpenIDConnectProviders: operation<ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse>({
      permissions: () => [{ action: 'iam:ListOpenIDConnectProviders', resource: '*' }],
      apply: () => ({
        OpenIDConnectProviderList: [...identities.state.providers.values()].map(({ arn }) => ({ Arn: arn })),
      }),
    }),
  };
}

function creationPermissions(resource: string, tags: readonly Tag[]): PermissionRequest[] {
  if (tags.length === 0) return [{ action: 'iam:CreateOpenIDConnectProvider', resource }];
  const requestTags = tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value!] as const);
  const context = { 'aws:TagKeys': tags.map(({ Key }) => Key!), ...Object.fromEntries(requestTags) };
  return [
    { action: 'iam:CreateOpenIDConnectProvider', resource, context },
    { action: 'iam:TagOpenIDConnectProvider', resource, context },
  ];
}

function describe(identities: Identities, arn: string): GetOpenIDConnectProviderResponse {
  const { issuer, clientIds, thumbprints, tags, createdAt } = providerWithArn(identities, arn);
  return {
    Url: issuer,
    ClientIDList: [...clientIds],
    ThumbprintList: [...thumbprints],
    CreateDate: createdAt,
    ...(tags.size > 0 && { Tags: [...tags].map(([Key, Value]) => ({ Key, Value })) }),
  };
}

const properties = z.strictObject({
  Url: z.string(),
  ClientIdList: z.array(z.string()).default([]),
  ThumbprintList: z.array(z.string()).default([]),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).default([]),
});

/** `AWS::IAM::OIDCProvider`. */
export function oidcProviderResource(identities: Identities): ResourceCreator {
  return (logicalId, given) => {
    const read = readProperties(properties, `AWS::IAM::OIDCProvider ${logicalId}`, given);
    const { arn } = createProvider(identities, {
      url: read.Url,
      clientIds: read.ClientIdList,
      thumbprints: read.ThumbprintList,
      tags: new Map(read.Tags.map(({ Key, Value }) => [Key, Value])),
    });
    return { ref: arn, attributes: { Arn: arn } };
  };
}
