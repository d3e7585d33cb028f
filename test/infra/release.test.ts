import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import { bundleHandlers } from '../../infra/bundles.ts';
import { DEFINITION_FILE, type Definition } from '../../infra/definition.ts';
import { BUNDLED } from '../../infra/handler-table.ts';
import { releaseOf } from '../../infra/release.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { standInFunctions, temporaryDirectory } from './temporary.ts';

/** Bundles by what they say. */
function bundlesSaying(words: Readonly<Record<string, string>> = {}): Map<(typeof BUNDLED)[number], string> {
  return new Map(
    BUNDLED.map((handler) => {
      const directory = temporaryDirectory();
      writeFileSync(join(directory, 'index.js'), `exports.handler = () => '${words[handler] ?? 'hello'}';`);
      return [handler, directory];
    }),
  );
}

/** The definition, changed as text. */
function definitionWith(change: (text: string) => string): string {
  const file = join(temporaryDirectory(), 'rollout.asl.yaml');
  writeFileSync(file, change(readFileSync(DEFINITION_FILE, 'utf8')));
  return file;
}

describe('the release', () => {
  const release = releaseOf(bundlesSaying());

  it('is the same for the same code, wherever it lies', () => {
    expect(release).toMatch(/^[0-9a-f]{12}$/);
    expect(releaseOf(bundlesSaying())).toBe(release);
    expect(releaseOf(new Map([...bundlesSaying()].reverse()))).toBe(release);
  });

  it.each(BUNDLED)('is another one when %s changes', (handler) => {
    expect(releaseOf(bundlesSaying({ [handler]: 'bye' }))).not.toBe(release);
  });

  it('is another one when two handlers change places', () => {
    const said = { tick: 'tick', conclude: 'conclude' };
    const exchanged = { tick: 'conclude', conclude: 'tick' };
    expect(releaseOf(bundlesSaying(exchanged))).not.toBe(releaseOf(bundlesSaying(said)));
  });

  it('is another one when the flow changes, and not when only its file does', () => {
    const flow = definitionWith((text) => text.replace('MaxAttempts: 5', 'MaxAttempts: 4'));
    expect(releaseOf(bundlesSaying(), flow)).not.toBe(release);
    const file = definitionWith((text) => `# Nobody deploys this.\n${text}`);
    expect(releaseOf(bundlesSaying(), file)).toBe(release);
  });

  it('stands in the definition that is deployed: by it the doctor sees older code', async () => {
    const services = [{ repository: 'team/api', container: 'app', cluster: 'prod' }];
    const deployed = async (functionsDirectory: string): Promise<unknown> => {
      const outdir = await synthesize(checkConfiguration({ services }), {
        outdir: temporaryDirectory(),
        functionsDirectory,
      });
      const template = readFileSync(join(outdir, 'rollouts-api.template.json'), 'utf8');
      return releaseIn(JSON.parse(template) as Template);
    };
    const [hello, bye] = [standInFunctions('hello'), standInFunctions('bye')];
    expect(await deployed(hello)).toBe(releaseOf(await bundleHandlers(hello)));
    expect(await deployed(bye)).toBe(releaseOf(await bundleHandlers(bye)));
    expect(await deployed(bye)).not.toBe(await deployed(hello));
  });
});

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties?: { readonly DefinitionString?: string } }>>;
}

function releaseIn({ Resources }: Template): unknown {
  const [text] = Object.values(Resources).flatMap(({ Properties }) => Properties?.DefinitionString ?? []);
  return (JSON.parse(text!) as Definition).States['Configure']?.Assign?.['release'];
}
