import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GENERATED } from '../../docs/generated.ts';

it.each(Object.entries(GENERATED))(
  '%s has every generated part as the source has it (npm run docs)',
  async (file, made) => {
    expect(await made()).toBe(readFileSync(file, 'utf8'));
  },
);
