/** From a publish to its arrival in a subscribed queue; AWS promises no number. */
export const DELIVERY_LATENCY_MS = 100;
