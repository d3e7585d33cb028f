import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a cloud assembly of one stack, Cell, with one asset; answers its directory. */
export function assembly(template: object): string {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  const artifacts = {
    'Cell.assets': { type: 'cdk:asset-manifest', properties: { file: 'Cell.assets.json' } },
    Cell: {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: 'Cell.template.json' },
      dependencies: ['Cell.assets'],
    },
    Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
  };
  const file = { source: { path: 'asset.abc', packaging: 'zip' }, destinations: { current: { objectKey: 'abc.zip' } } };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ version: '48.0.0', artifacts }));
  writeFileSync(join(directory, 'Cell.assets.json'), JSON.stringify({ version: '48.0.0', files: { abc: file } }));
  writeFileSync(join(directory, 'Cell.template.json'), JSON.stringify(template));
  return directory;
}

/** A resource of a type that only tests have. */
export const thing = (properties: object, more: object = {}): object => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...more,
});
