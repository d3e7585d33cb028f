/** `npm run facts -- --botocore PATH`: cuts region/wire/facts/constraints.ts from the botocore whose package folder is PATH. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { constraintFacts } from './wire-facts.ts';

const { botocore } = parseArgs({ options: { botocore: { type: 'string' } } }).values;
if (botocore === undefined || !existsSync(join(botocore, 'data')))
  throw new Error(
    `--botocore ${botocore ?? '(missing)'}: name the package folder of a botocore, the one that holds data/`,
  );
writeFileSync(join(import.meta.dirname, '..', 'region/wire/facts/constraints.ts'), constraintFacts(botocore));
