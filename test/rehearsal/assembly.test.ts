import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRegion } from '../../region/region.ts';
import { readCloudAssembly } from '../../rehearsal/assembly/cloud-assembly.ts';
import { deployAssembly } from '../../rehearsal/assembly/deploy-assembly.ts';

/** Writes a cloud assembly of these stacks, each after those that it needs, with one asset; answers its directory. */
function assembly(stacks: Readonly<Record<string, readonly string[]>>, Resources?: object): string {
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
    write(`${name}.template.json`, { Description: name, Resources });
  }
  write('manifest.json', { version: '48.0.0', artifacts });
  return directory;
}

const Failing = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/taken' } };

it('deploys the stacks of a cloud assembly, each after those that it depends on', async () => {
  const region = createRegion();
  const deployed = await deployAssembly(region, assembly({ Cell: ['Ground'], Ground: [] }));
  expect(deployed.map(({ stackName }) => stackName)).toEqual(['Ground', 'Cell']);
  const templates = [...region.cloudformation.state.stacks.values()].map(({ template }) => template);
  expect(templates).toEqual([{ Description: 'Ground' }, { Description: 'Cell' }]);
});

it('deletes a stack that could not be created, and creates it anew', async () => {
  const region = createRegion();
  await region.resources['AWS::Logs::LogGroup']!('Taken', Failing.Properties, 'other');
  const broken = assembly({ Cell: [] }, { Failing });
  await expect(deployAssembly(region, broken)).rejects.toThrow('the stack was rolled back, and can only be deleted');
  await deployAssembly(region, assembly({ Cell: [] }));
  expect(region.cloudformation.state.stacks.get('Cell')?.status).toBe('CREATE_COMPLETE');
  expect(region.cloudformation.state.deletedStacks).toMatchObject([{ name: 'Cell', status: 'DELETE_COMPLETE' }]);
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
