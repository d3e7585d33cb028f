import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { isFault } from './faults.ts';

const parameters = new SSMClient({});
const identities = new IAMClient({});

/** Creates an SSM parameter; one of that name is left as it is, whatever its value. */
export async function createParameter(name: string, value: string): Promise<void> {
  await unless('ParameterAlreadyExists', () =>
    parameters.send(new PutParameterCommand({ Name: name, Value: value, Type: 'String', Overwrite: false })),
  );
}

/** Creates an OIDC identity provider; an account has at most one for a URL, and that one is left as it is. */
export async function createIdentityProvider(url: string, audience: string): Promise<void> {
  await unless('EntityAlreadyExistsException', () =>
    identities.send(new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: [audience] })),
  );
}

async function unless(fault: string, create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!isFault(error, fault)) throw error;
  }
}
