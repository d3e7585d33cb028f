/** @jsxRuntime automatic @jsxImportSource preact */
import { useState } from 'preact/hooks';
import { Facts } from './cards.tsx';
import { Dialog } from './dialog.tsx';
import { KEYS } from './keys.ts';
import { choose, chosen } from './settings.ts';

/** The keys, and the switch that turns them off. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const [hasKeys, setKeys] = useState(chosen().hasKeys);
  return (
    <Dialog title="Keys" onClose={onClose}>
      <header>
        <h2>Keys</h2>
      </header>
      <section>
        <Facts facts={KEYS.map(([key, words]) => [key, words] as const)} />
      </section>
      <section>
        <label class="switch">
          <input
            type="checkbox"
            checked={hasKeys}
            onChange={({ currentTarget: { checked } }) => {
              choose({ hasKeys: checked });
              setKeys(checked);
            }}
          />
          Single-letter keys
        </label>
      </section>
      <footer>
        <button type="button" class="btn" onClick={onClose}>
          Close
        </button>
      </footer>
    </Dialog>
  );
}
