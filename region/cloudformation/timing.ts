/** How long a custom resource may take unless its `ServiceTimeout` says less (CloudFormation user guide, AWS::CloudFormation::CustomResource). */
export const SERVICE_TIMEOUT_SECONDS_MAX = 3600;
/** How long a response URL is valid, as its `X-Amz-Expires` says in recorded events. */
export const RESPONSE_URL_SECONDS = 7200;
/** CloudFormation waits for a service, or for the answer of a custom resource, this long at most. */
export const STABILIZATION_MS = 3 * 3_600_000;
/** After an update a resource is tried to be deleted so many times (aws-cloudformation/cloudformation-coverage-roadmap#744); a stack's only once. */
export const CLEANUP_ATTEMPTS = 3;
/** From one attempt to the next; AWS publishes no figure. */
export const DELETION_RETRY_MS = 30_000;
/** How often a deletion that was asked for over the API looks whether it can go on; AWS publishes no figure. */
export const POLL_MS = 2_000;
