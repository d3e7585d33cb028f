/** @jsxRuntime automatic @jsxImportSource preact */

/** A page that is not let in: it shows nothing, not even names. */
export function Locked({ message }: { readonly message: string | undefined }) {
  return (
    <main id="main" class="locked">
      <h1>Open the address that the terminal printed.</h1>
      <p class="sub">{message ?? 'Without its code nothing is shown, not even names.'}</p>
      <p class="sub">
        To begin anew: <code>npx rollouts console</code>
      </p>
    </main>
  );
}
