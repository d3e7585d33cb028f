import { CreateOpenIDConnectProviderCommand, type IAMClient } from '@aws-sdk/client-iam';
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { isFault } from './faults.ts';

/** Creates an SSM parameter; one of that name is left as it is, whatever its value. */
export async function createParameter(ssm: SSMClient, name: string, value: string): Promise<void> {
  await unless('ParameterAlreadyExists', () =>
    ssm.send(new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: false })),
  );
}

/** Creates an OIDC identity provider; an account has at most one for a URL, and that one is left as it is. */
export async function createIdentityProvider(iam: IAMClient, url: string, audience: string): Promise<void> {
  await unless('EntityAlreadyExistsException', () =>
    iam.send(new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: [audience] })),
  );
}

async function unless(fault: string, create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isFault(error, fault)) throw error;
  }
}
