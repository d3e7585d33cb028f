/** One way between a caller and a service's endpoint, in milliseconds: a typical half round trip within a region. */
export const WIRE_LATENCY_MS = 5;
