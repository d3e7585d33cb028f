import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleHandlers } from '../infra/bundles.ts';
import { BUNDLED } from '../infra/handler-table.ts';
import type { Measurement } from './measurement.ts';

const ROOT = join(import.meta.dirname, '..');
const RATIO_MAX = 1.25;
const IMPORTS = 15;

/** Sizes and import times of the handlers' bundles, as ratios to bundles of nothing but their SDK clients and the logger. */
export async function measureBundles(): Promise<Measurement[]> {
  // Below node_modules, so that the baseline finds the same packages as the handlers.
  const parent = join(ROOT, 'node_modules', '.cache');
  mkdirSync(parent, { recursive: true });
  const sources = mkdtempSync(join(parent, 'bench-'));
  try {
    for (const name of BUNDLED) writeFileSync(join(sources, `${name}.ts`), await baselineOf(name));
    const [ours, baseline] = [await bundleHandlers(), await bundleHandlers(sources)];
    const costs = BUNDLED.map((name) => ({
      name,
      size: ratio(ours.get(name)!, baseline.get(name)!, (directory) => statSync(join(directory, 'index.js')).size),
      ...importRatio(ours.get(name)!, baseline.get(name)!),
    }));
    const worst = (of: 'size' | 'import') => costs.reduce((a, b) => (b[of] > a[of] ? b : a));
    return [
      {
        name: `bundle size beside SDK and logger alone, worst (${worst('size').name})`,
        value: worst('size').size,
        unit: 'x',
        bound: RATIO_MAX,
      },
      {
        name: `import time beside SDK and logger alone, worst (${worst('import').name})`,
        value: worst('import').import,
        unit: 'x',
        bound: RATIO_MAX,
      },
      { name: 'largest bundle', value: Math.max(...[...ours.values()].map(sizeKb)), unit: 'KB' },
      {
        name: 'slowest import of a bundle',
        value: Math.max(...costs.map(({ importMs }) => importMs)),
        unit: 'ms',
      },
    ];
  } finally {
    rmSync(sources, { recursive: true, force: true });
  }
}

/** A module that uses exactly those names of the SDK and the logger that the handler still imports after tree shaking. */
async function baselineOf(handler: string): Promise<string> {
  const built = await build({
    entryPoints: [join(ROOT, 'functions', `${handler}.ts`)],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    treeShaking: true,
    logLevel: 'silent',
  });
  const imports = [...built.outputFiles[0]!.text.matchAll(/^import\s*\{([^}]*)\}\s*from\s*"(@aws-[^"]+)";/gm)];
  const kept = imports.map(([, names, from], index) => keepNames(names!.split(',').map(importedName), from!, index));
  return `${kept.join('\n')}\nexport const handler = () => {};\n`;
}

/** `DescribeServicesCommand as a` is `DescribeServicesCommand`. */
function importedName(binding: string): string {
  return binding.trim().split(/\s+as\s+/)[0]!;
}

/** Clients and loggers are constructed, as no handler can do without; commands are only held. */
function keepNames(names: readonly string[], from: string, index: number): string {
  const bindings = names.map((name, at) => `${name} as kept${index}_${at}`);
  const uses = names.map((name, at) =>
    /(Client|^Logger)$/.test(name) ? `new kept${index}_${at}({})` : `kept${index}_${at}`,
  );
  return `import { ${bindings.join(', ')} } from '${from}';\nexport const of${index} = [${uses.join(', ')}];`;
}

function importRatio(ours: string, baseline: string): { readonly import: number; readonly importMs: number } {
  const [a, b]: [number[], number[]] = [[], []];
  // Alternating, and the least disturbed of each counts: the machine has other things to run.
  for (let round = 0; round < IMPORTS; round++) {
    a.push(importMs(ours));
    b.push(importMs(baseline));
  }
  return { import: Math.min(...a) / Math.min(...b), importMs: Math.min(...a) };
}

/** A fresh process each time: an import is paid at a cold start. */
function importMs(directory: string): number {
  const script = 'const t = performance.now(); require(process.argv[1]); console.log(performance.now() - t);';
  const env = { ...process.env, AWS_REGION: 'us-east-1', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  return Number(execFileSync(process.execPath, ['-e', script, join(directory, 'index.js')], { encoding: 'utf8', env }));
}

function ratio(ours: string, baseline: string, measure: (directory: string) => number): number {
  return measure(ours) / measure(baseline);
}

function sizeKb(directory: string): number {
  return Math.round(statSync(join(directory, 'index.js')).size / 1024);
}
