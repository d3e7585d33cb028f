import type {
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import type { Iam, WebIdentitySession } from '../iam/iam.ts';
import { Fault, NotModelled, operation, type Caller, type RegionContext, type Service } from '../service.ts';
import { partitionOf } from '../partition.ts';

/** What STS needs of IAM, which keeps the roles, the identity providers and the sessions. */
export type StsPorts = Pick<Iam, 'assumeRoleWithWebIdentity' | 'identityOf'>;

/** STS: who one is, and how somebody with a token of an identity provider becomes a role. It knows nothing itself. */
export function createSts(context: RegionContext, iam: StsPorts): Service {
  return {
    id: 'sts',
    state: {},
    operations: {
      // "No permissions are required to perform this operation."
      // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
      GetCallerIdentity: operation<GetCallerIdentityRequest, GetCallerIdentityResponse>({
        permissions: () => [],
        apply: (_input, caller) => callerIdentity(context, iam, caller),
      }),
      AssumeRoleWithWebIdentity: operation<AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse>({
        isOpen: true,
        permissions: () => [],
        apply: (request) => assumeRoleWithWebIdentity(iam, request),
      }),
    },
    resources: {},
  };
}

function callerIdentity({ account, region }: RegionContext, iam: StsPorts, caller: Caller): GetCallerIdentityResponse {
  if (caller.kind === 'operator') {
    const Arn = `arn:${partitionOf(region)}:iam::${account}:user/operator`;
    return { Account: account, Arn, UserId: 'AIDAOPERATOR000000000' };
  }
  if (caller.kind === 'service') throw new NotModelled('sts:GetCallerIdentity for an AWS service');
  const { arn, userId } = iam.identityOf(caller);
  return { Account: account, Arn: arn, UserId: userId };
}

const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const DURATION_SECONDS_MIN = 900;

function assumeRoleWithWebIdentity(
  iam: StsPorts,
  request: AssumeRoleWithWebIdentityRequest,
): AssumeRoleWithWebIdentityResponse {
  const { RoleArn = '', RoleSessionName = '', WebIdentityToken = '', DurationSeconds, ...rest } = request;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new NotModelled(`${unknown} of sts:AssumeRoleWithWebIdentity`);
  if (!SESSION_NAME.test(RoleSessionName)) throw invalid('roleSessionName', RoleSessionName, SESSION_NAME.source);
  if (DurationSeconds !== undefined && DurationSeconds < DURATION_SECONDS_MIN)
    throw invalid('durationSeconds', DurationSeconds, `at least ${DURATION_SECONDS_MIN}`);
  return answerOf(
    iam,
    iam.assumeRoleWithWebIdentity({
      roleArn: RoleArn,
      sessionName: RoleSessionName,
      token: WebIdentityToken,
      durationSeconds: DurationSeconds,
    }),
  );
}

function answerOf(iam: StsPorts, session: WebIdentitySession): AssumeRoleWithWebIdentityResponse {
  const { arn, userId } = iam.identityOf(session.caller);
  return {
    Credentials: session.credentials,
    AssumedRoleUser: { Arn: arn, AssumedRoleId: userId },
    Provider: session.providerArn,
    Audience: session.audience,
    SubjectFromWebIdentityToken: session.subject,
  };
}

function invalid(member: string, value: string | number, constraint: string): Fault {
  const problem = `Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`;
  return new Fault('ValidationError', `1 validation error detected: ${problem}`);
}
