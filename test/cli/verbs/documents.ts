import { commandOf } from '../../../cli/main.ts';

/** The documents that a command line printed with `--json`; throws where one is not what its verb's schema says. */
export async function documentsIn(argv: readonly string[], out: string): Promise<unknown[]> {
  const { document } = await commandOf(argv[0]!);
  if (document === 'none') throw new Error(`${argv[0]} has no document`);
  return out
    .split(/(?<=^\}\n)/m)
    .filter((text) => text !== '')
    .map((text) => document.schema.parse(JSON.parse(text)));
}
