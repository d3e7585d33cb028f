/** A registration until the count has been brought within its bounds; AWS publishes no figure. */
export const ADJUSTMENT_MS = 10_000;
