import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Stack } from '../../region/cloudformation/deploy-stack.ts';
import { readCloudAssembly } from '../../rehearsal/assembly/cloud-assembly.ts';
import { deployAssembly } from '../../rehearsal/assembly/deploy-assembly.ts';

/** Writes a cloud assembly of these stacks, each after those that it needs, with one asset; answers its directory. */
function assembly(stacks: Readonly<Record<string, readonly string[]>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  const write = (name: string, content: object): void => writeFileSync(join(directory, name), JSON.stringify(content));
  const artifacts: Record<string, object> = { Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } } };
  for (const [name, needed] of Object.entries(stacks)) {
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json` },
      dependencies: [`${name}.assets`, ...needed],
    };
    const source = { path: 'asset.abc', packaging: 'zip' };
    const file = { source, destinations: { current: { objectKey: 'abc.zip' } } };
    write(`${name}.assets.json`, { version: '48.0.0', files: { abc: file } });
    write(`${name}.template.json`, { Description: name });
  }
  write('manifest.json', { version: '48.0.0', artifacts });
  return directory;
}

it('deploys the stacks of a cloud assembly, each after those that it depends on', async () => {
  const asked: Stack[] = [];
  const deployStack = async ({ name, ...stack }: Stack) => {
    asked.push({ name, ...stack });
    return Promise.resolve({ stackName: name, outputs: {}, resources: new Map() });
  };
  const deployed = await deployAssembly({ deployStack }, assembly({ Cell: ['Ground'], Ground: [] }));
  expect(deployed.map(({ stackName }) => stackName)).toEqual(['Ground', 'Cell']);
  expect(asked.map(({ template }) => template)).toEqual([{ Description: 'Ground' }, { Description: 'Cell' }]);
});

it("finds each asset's directory under its S3 key", () => {
  const directory = assembly({ Cell: [] });
  expect(readCloudAssembly(directory).map(({ assets }) => [...assets])).toEqual([
    [['abc.zip', join(directory, 'asset.abc')]],
  ]);
});

it('refuses stacks that wait for one another, and a directory that is no cloud assembly', () => {
  const circular = assembly({ Cell: ['Ground'], Ground: ['Cell'] });
  expect(() => readCloudAssembly(circular)).toThrow('circular dependency between stacks: Cell, Ground');
  expect(() => readCloudAssembly(tmpdir())).toThrow(/manifest\.json cannot be read/);
});
