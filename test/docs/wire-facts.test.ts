import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { constraintFacts, isCut, modelPaths } from '../../docs/wire-facts.ts';
import { createRegion } from '../../region/region.ts';

describe('the table of constraints', () => {
  it('covers every operation that the region answers (npm run facts -- --botocore PATH)', () => {
    const all = [...createRegion().services.values()].flatMap(({ id, operations }) =>
      Object.keys(operations).map((name) => [id, name] as const),
    );
    expect(all.filter(([service, name]) => !isCut(service, name))).toEqual([]);
  });
});

describe('a cut of a botocore', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'botocore-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('has the constraints of what inputs reach, by structure and member, and names its version', () => {
    writeFileSync(join(folder, '__init__.py'), "__version__ = '1.2.3'\n");
    const empty = { operations: {}, shapes: {} };
    for (const path of modelPaths()) write(path, path.startsWith('data/ecs/') ? MODEL : empty);
    const text = constraintFacts(folder);
    expect(text).toContain('service models of botocore 1.2.3;');
    expect(text).toContain("      Names: { max: 2, item: 'Name' },");
    expect(text).toContain("      Name: { min: 1, pattern: '[a-z\\\\d]+' },");
    expect(text).toContain("      ListTasksRequest: { cluster: 'Name', unheardOf: 'Names' },");
    expect(text).not.toContain('Answer');
    expect(text).toContain("  'ecs:ListTasksRequest.unheardOf',");
  });

  it('is refused where there is no botocore', () => {
    writeFileSync(join(folder, '__init__.py'), '');
    expect(() => constraintFacts(folder)).toThrow('names no version');
  });

  function write(path: string, model: object): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(model));
  }
});

const MODEL = {
  operations: { ListTasks: { input: { shape: 'ListTasksRequest' }, output: { shape: 'Answer' } } },
  shapes: {
    ListTasksRequest: {
      type: 'structure',
      members: { cluster: { shape: 'Name' }, unheardOf: { shape: 'Names' }, nextToken: { shape: 'Token' } },
    },
    Answer: { type: 'structure', members: { next: { shape: 'AnswerToken' } } },
    AnswerToken: { type: 'string', max: 9 },
    Names: { type: 'list', member: { shape: 'Name' }, max: 2 },
    Name: { type: 'string', min: 1, pattern: '[a-z\\d]+' },
    Token: { type: 'string' },
  },
};
