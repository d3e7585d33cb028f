import { iam, ssm } from './aws/clients.ts';
import { answerCloudFormation, type CustomResourceEvent } from './aws/custom-resource.ts';
import { createIdentityProvider, createParameter } from './aws/ensured.ts';

/** What is created if the account lacks it. */
type Ensured =
  | { readonly Kind: 'parameter'; readonly Name: string; readonly Value: string }
  | { readonly Kind: 'identity-provider'; readonly Url: string; readonly Audience: string };

/**
 * A custom resource: creates what is absent and never touches what is there. CloudFormation itself would reset the parameter
 * to its template's value, delete it with the stack, and fail on an identity provider that the account has already.
 */
export const handler = (event: CustomResourceEvent<Ensured>): Promise<void> =>
  answerCloudFormation(event, async (wanted) => {
    if (wanted.Kind === 'parameter') {
      await createParameter(ssm, wanted.Name, wanted.Value);
      return wanted.Name;
    }
    await createIdentityProvider(iam, wanted.Url, wanted.Audience);
    return wanted.Url;
  });
