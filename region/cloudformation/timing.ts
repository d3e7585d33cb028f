/** How long a custom resource may take unless its `ServiceTimeout` says less (CloudFormation user guide, AWS::CloudFormation::CustomResource). */
export const SERVICE_TIMEOUT_SECONDS_MAX = 3600;
/** How long a response URL is valid, as its `X-Amz-Expires` says in recorded events. */
export const RESPONSE_URL_SECONDS = 7200;
/** CloudFormation waits for a service, or for the answer of a custom resource, this long at most. */
export const STABILIZATION_MS = 3 * 3_600_000;
