import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED } from './generated.ts';

for (const [file, made] of Object.entries(GENERATED))
  writeFileSync(join(import.meta.dirname, '..', file), await made());
