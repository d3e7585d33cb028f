/** How long an archived image stays ACTIVATING. An assumption: the API reference names the status but no duration. */
export const RESTORE_MS = 20 * 60_000;

/** Validity of an authorization token (Amazon ECR API reference, AuthorizationData). */
export const TOKEN_VALIDITY_MS = 12 * 3_600_000;
