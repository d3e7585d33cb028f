import type { z } from 'zod';
import type { Answer, Flags, Option, Session, Verb } from '../terminal/command.ts';
import { CELL_OPTIONS, withCell, type chosenCell, type DeployedCell } from './deployed-cell.ts';

/** Where the documents of these verbs are described. */
const DESCRIBED_IN = 'docs/verbs-json.md';

/** What makes a verb that acts on a deployed service; `Asked` is what its flags ask for. */
interface CellVerbParts<Document, Asked> {
  readonly name: string;
  readonly summary: string;
  /** Beside those that name the service. */
  readonly options: Readonly<Record<string, Option>>;
  readonly schema: z.ZodType<Document>;
  /** Reads the flags, before AWS is asked; throws a UsageError for wrong ones. */
  ask(flags: Flags): Asked;
  /** How the service is found: `cellToActOn` by a verb that changes anything. @default `chosenCell` */
  readonly find?: typeof chosenCell;
  /** Does it on a service that was found. */
  runIn(cell: DeployedCell, asked: Asked, session: Session<NoInfer<Document>>): Promise<Answer<NoInfer<Document>>>;
}

/** A verb that acts on a deployed service. */
export interface CellVerb<Document, Asked>
  extends Verb<Document>, Pick<CellVerbParts<Document, Asked>, 'ask' | 'runIn'> {}

/** Makes a verb of what it asks for and what it does; the service that the flags name is found for it. */
export function cellVerb<Document, Asked>(parts: CellVerbParts<Document, Asked>): CellVerb<Document, Asked> {
  const { name, summary, options, schema, ask, find, runIn } = parts;
  return {
    name,
    summary,
    options: { ...CELL_OPTIONS, ...options },
    document: { schema, describedIn: DESCRIBED_IN },
    ask,
    runIn,
    async run(flags, session) {
      const asked = ask(flags);
      return await withCell(flags, session, (cell) => runIn(cell, asked, session), find);
    },
  };
}
