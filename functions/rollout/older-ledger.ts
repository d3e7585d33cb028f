/** A state item as it lies in the table, as far as an older release wrote it otherwise. */
interface OlderItem {
  readonly owner?: { readonly phase?: { readonly watch?: { readonly token?: unknown } } };
  readonly pending?: { readonly token?: unknown };
  readonly tokens?: object;
}

/**
 * Puts the task tokens together that an older release left with the owner's watch and with the rollout that waits. They are newer
 * than those beside them, which that release only carried along.
 */
export function withTokensApart(item: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { owner, pending, tokens } = item as OlderItem;
  const { token: watch, ...watched } = owner?.phase?.watch ?? {};
  const { token: turn, ...waiting } = pending ?? {};
  if (watch === undefined && turn === undefined) return item;
  return {
    ...item,
    tokens: { ...tokens, ...(watch !== undefined && { watch }), ...(turn !== undefined && { turn }) },
    ...(watch !== undefined && { owner: { ...owner, phase: { ...owner?.phase, watch: watched } } }),
    ...(turn !== undefined && { pending: waiting }),
  };
}
