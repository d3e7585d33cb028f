import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const ROOMS = [
  'functions',
  'infra',
  'configuration',
  'region',
  'timeline',
  'picture',
  'console',
  'rehearsal',
  'cli',
  'campaign',
  'bench',
  'docs',
  'test',
];

interface Import {
  readonly from: string;
  /** A path below the root, or a package's name. */
  readonly to: string;
  readonly isPackage: boolean;
  readonly isTypeOnly: boolean;
}

const FILES = [...ROOMS.flatMap((room) => sourcesBelow(join(ROOT, room))), 'rollouts.config.ts'].sort();
const PARSED = new Map(FILES.map((file) => [file, parse(file)]));
const IMPORTS = FILES.flatMap(importsOf);
const HOUSE = FILES.filter((file) => !file.startsWith('test/'));

describe('the import table', () => {
  /** Which rooms a room may import, beside itself, from the top floor down; packages are checked below. */
  const TABLE: readonly (readonly [room: RegExp, mayImport: RegExp])[] = [
    [
      /^(bench|docs)\//,
      rooms(
        'bench',
        'campaign',
        'docs',
        'cli',
        'rehearsal',
        'timeline',
        'region',
        'infra',
        'configuration',
        'functions/rollout',
      ),
    ],
    // What is judged is judged by what AWS would show; only the stacks that are judged come from the product.
    [/^campaign\/assemblies\.ts$/, rooms('campaign', 'infra', 'configuration')],
    [/^campaign\//, rooms('campaign', 'rehearsal', 'picture', 'timeline', 'region')],
    [
      /^cli\/verbs\//,
      rooms(
        'cli',
        'console',
        'rehearsal',
        'picture',
        'timeline',
        'infra',
        'configuration',
        'functions/(rollout|aws|steps)',
      ),
    ],
    [/^cli\/account\//, rooms('cli/(account|terminal)', 'timeline', 'configuration', 'functions/(rollout|aws)')],
    [/^cli\/terminal\//, rooms('cli/terminal', 'timeline', 'functions/rollout')],
    [/^cli\/[^/]+$/, rooms('cli')],
    [/^rehearsal\//, rooms('rehearsal', 'picture', 'timeline', 'region')],
    [/^infra\//, rooms('infra', 'configuration', 'functions/rollout')],
    [/^rollouts\.config\.ts$/, rooms('configuration')],
    [/^configuration\//, rooms('configuration', 'functions/rollout')],
    [/^functions\/[^/]+$/, rooms('functions/(rollout|aws|steps)')],
    [/^functions\/steps\//, rooms('functions/(rollout|aws|steps)')],
    [/^functions\/aws\//, rooms('functions/(rollout|aws)')],
    [/^functions\/rollout\//, rooms('functions/rollout')],
    [/^timeline\//, rooms('timeline')],
    [/^console\//, rooms('console', 'picture')],
    [/^picture\//, rooms('picture')],
    [/^region\//, rooms('region')],
    [/^test\/region\//, rooms('region', 'test/region')],
  ];

  it('is kept by every file', () => {
    const broken = IMPORTS.filter(({ from, to, isPackage }) => {
      const rule = TABLE.find(([room]) => room.test(from));
      return !isPackage && rule !== undefined && !rule[1].test(to);
    });
    expect(broken).toEqual([]);
  });

  it('opens worlds for tests in one place only, where they are audited when they close', () => {
    const openers = IMPORTS.filter(({ to, isTypeOnly }) => to === 'rehearsal/world.ts' && !isTypeOnly);
    const tests = openers.map(({ from }) => from).filter((file) => file.startsWith('test/'));
    expect(tests).toEqual(['test/scenario/setting.ts', 'test/scenario/verbs-setting.ts']);
  });

  it('lets the configuration file import types only', () => {
    expect(IMPORTS.filter(({ from, isTypeOnly }) => from === 'rollouts.config.ts' && !isTypeOnly)).toEqual([]);
  });

  it('holds no circle of files, of types either: what two files need of each other is a third', () => {
    expect(circles((file) => file)).toEqual([]);
  });

  it('holds no circle of folders: what two rooms need of each other is a room below both', () => {
    expect(circles(roomOf)).toEqual([]);
  });

  /** Which packages a room may import, beside Node's own; rooms that are not named may import any. */
  const PACKAGES: readonly (readonly [room: RegExp, mayImport: RegExp])[] = [
    [rooms('functions/rollout'), /^semver$/],
    // A custom resource answers CloudFormation at a presigned URL, for which the SDK has no client.
    [rooms('functions/aws'), /^@aws-(sdk|lambda-powertools)\/|^node:https$/],
    [rooms('functions'), /^$/],
    [rooms('configuration'), /^(zod|semver|node:\w+)$/],
    [rooms('infra'), /^(aws-cdk-lib|constructs|cdk-nag|esbuild|yaml|node:\w+)(\/|$)/],
    [rooms('rehearsal', 'campaign'), /^(@aws-sdk\/(client-|util-dynamodb$)|node:)/],
    [rooms('timeline'), /^$/],
    // What is drawn is drawn by components, in a page and in a file; a file's policy names its style by its digest.
    [rooms('picture'), /^(node:crypto|preact|preact-render-to-string)$/],
    // What is served runs in Node, what is shown in a browser.
    [rooms('console/server'), /^(hono|@hono\/node-server|esbuild|node:\w+)(\/|$)/],
    [rooms('console/page'), /^preact(\/|$)/],
    // Reports are the same views, written without a browser.
    [rooms('console/report'), /^(preact|preact-render-to-string|node:crypto)(\/|$)/],
    [rooms('console'), /^(esbuild|node:(fs|path))$/],
    [rooms('cli'), /^(@aws-sdk\/client-|@smithy\/signature-v4$|zod$|diff$|yaml$|node:)/],
  ];

  it('names the packages that each room may import: the AWS SDK and the logger in functions/aws, the CDK in infra', () => {
    const broken = IMPORTS.filter(({ from, to, isPackage }) => {
      const rule = PACKAGES.find(([room]) => room.test(from));
      return isPackage && rule !== undefined && !rule[1].test(to);
    });
    expect(broken).toEqual([]);
  });
});

describe('functions', () => {
  it('are no longer than 70 lines', () => {
    const long = HOUSE.flatMap((file) => functionsOf(file).filter(({ lines }) => lines > 70));
    expect(long).toEqual([]);
  });

  it('are mostly no longer than 40 lines', () => {
    const all = HOUSE.flatMap(functionsOf);
    const questionable = all.filter(({ lines }) => lines > 40);
    expect(questionable.length / all.length).toBeLessThan(0.01);
  });
});

describe('bans', () => {
  const CLOCKS =
    /(?<![.\w])(Date\.now\(|new Date\(\)|Math\.random\(|setTimeout\(|setInterval\(|randomUUID\(|performance\.now\()/;

  it.each<{ what: string; within: string; except?: string; pattern: RegExp; instead: string }>([
    {
      what: 'clocks and randomness in the core',
      within: 'functions/rollout/',
      pattern: CLOCKS,
      instead: 'take the time as an argument: a handler reads it once, as ledgerTime',
    },
    {
      what: 'IO and waiting in the core',
      within: 'functions/rollout/',
      pattern: /\basync\b|\bawait\b|console\.|process\.|\bfetch\(/,
      instead: 'return what is to be done, and let a handler do it',
    },
    {
      what: 'clocks and randomness in the region, but where it meets real time',
      within: 'region/',
      except: 'region/paced.ts',
      pattern: CLOCKS,
      instead: 'ask the kernel: kernel.now, kernel.after, kernel.random',
    },
    {
      what: 'sleeping and polling in handlers',
      within: 'functions/',
      pattern: /setTimeout|setInterval|waitUntil|\bsleep\b/,
      instead: 'let the state machine wait: a Wait state, a Retry, or a token that an event answers',
    },
    {
      what: 'ending the process but in the entry',
      within: 'cli/',
      pattern: /process\.exit\b/,
      instead: 'answer an exit code: rollouts.mjs sets it',
    },
  ])('$what: $instead', ({ within, except, pattern, instead }) => {
    const found = linesMatching(within, pattern).filter((line) => except === undefined || !line.startsWith(except));
    expect(found, instead).toEqual([]);
  });
});

describe('the account, the Region and the partition', () => {
  /** The names of service principals, such as `'states.amazonaws.com'`, are the same in every partition. */
  const LITERALS =
    /\b\d{12}\b|\b[a-z]{2}(-gov|-iso[a-z]*)?-(north|south|east|west|central)+-\d\b|\barn:aws\b|(?<!'[a-z-]+\.)amazonaws\.com|amazonaws\.com(?!')/;

  it('are told by CloudFormation and the environment, and written down nowhere in the product', () => {
    const rooms = ['functions/', 'infra/', 'configuration/'];
    const definition = read('state-machine/rollout.asl.yaml').split('\n');
    expect([
      ...rooms.flatMap((room) => linesMatching(room, LITERALS)),
      ...definition.filter((line) => LITERALS.test(line)),
    ]).toEqual([]);
  });

  it.each([
    ["const account = '123456789012';", true],
    ["region: 'us-gov-west-1',", true],
    ["region: 'ap-northeast-1',", true],
    ["Resource: 'arn:aws:states:::lambda:invoke'", true],
    ['`${account}.dkr.ecr.${region}.amazonaws.com/${name}`', true],
    ["'logs.amazonaws.com.cn'", true],
    ["new ServicePrincipal('ecs-tasks.amazonaws.com')", false],
    ['`arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}:service`', false],
    ["'sha256:' + 'a'.repeat(64)", false],
  ])('would be found, where they are: %s', (line, isFound) => {
    expect(LITERALS.test(line)).toBe(isFound);
  });
});

describe('files', () => {
  it('are all reached from an entry point', () => {
    const entries = FILES.filter((file) =>
      /^(functions\/[^/]+|cli\/main|console\/page\/main|infra\/app|campaign\/(campaign|worker|play-mutant)|bench\/[^/]+|docs\/[^/]+|rollouts\.config|test\/.*\.test|test\/scratch)\.tsx?$|^test\/fixtures\//.test(
        file,
      ),
    );
    const reached = new Set(entries);
    for (const file of reached) for (const { from, to } of IMPORTS) if (from === file) reached.add(to);
    expect(FILES.filter((file) => !reached.has(file))).toEqual([]);
  });

  it('bear names that say what is inside', () => {
    const vague = /(^|[-/.])(manager|helper|helpers|util|utils|common|data|info|process|do|misc)([-/.]|$)/;
    expect(FILES.filter((file) => vague.test(file) || /[A-Z_]/.test(file))).toEqual([]);
  });

  it('of the region hold no word of this product, but for the annotations by which images say how they behave', () => {
    // What AWS says of its own deployments, and our public annotations.
    const known =
      /\b(rolloutState(Reason)?|DeploymentRolloutState|rehearsal\.(platform|behaviour|after-seconds|exit-code|listens-on|says))\b/g;
    const handlers = FILES.flatMap((file) => /^functions\/(\w+-[\w-]+)\.ts$/.exec(file)?.[1] ?? []);
    const names = handlers.map((name) => name.replaceAll('-', '[- ]?'));
    const product = new RegExp(`rollout|ledger|rehears|preflight|quarantine|\\bcells?\\b|${names.join('|')}`, 'i');
    const texts = [...FILES, ...sourcesBelow(join(ROOT, 'region'), /\.md$/)].filter((file) => /^region\//.test(file));
    const lines = texts.flatMap((file) =>
      read(file)
        .split('\n')
        .map((line, index) => `${file}:${index + 1} ${line}`),
    );
    expect(handlers.length).toBeGreaterThan(3);
    expect(lines.filter((line) => product.test(line.replace(known, '')))).toEqual([]);
  });

  it('of a region service hold no class: what it knows is plain data, and what is done with it are functions', () => {
    // The kernel and the wire are no services; an instance of a function runs, and a reader of definitions forgets.
    const others = /^region\/(kernel\/|wire\/|lambda\/instance\.ts|states\/fields\.ts)/;
    const classes = linesMatching('region/', /\bclass [A-Z]\w*\b(?! extends Error)/);
    expect(classes.filter((line) => !others.test(line))).toEqual([]);
    expect(classes.length).toBeGreaterThan(3);
  });
});

/** A file's folder, two levels deep at most; the region is one room, and tests are no part of the house. */
function roomOf(file: string): string {
  const [first, ...rest] = dirname(file).split('/');
  return first === 'region' || first === 'test' || rest.length === 0 ? first! : `${first}/${rest[0]}`;
}

/** Groups of files or rooms that import one another, each group sorted (Tarjan's strongly connected components). */
function circles(nodeOf: (file: string) => string): string[][] {
  const imported = new Map<string, Set<string>>(FILES.map((file) => [nodeOf(file), new Set()]));
  for (const { from, to } of IMPORTS.filter(({ to, isPackage }) => !isPackage && PARSED.has(to)))
    if (nodeOf(from) !== nodeOf(to)) imported.get(nodeOf(from))!.add(nodeOf(to));
  const found: string[][] = [];
  const numbers = new Map<string, number>();
  const stack: string[] = [];
  const visit = (node: string): number => {
    const own = numbers.size;
    numbers.set(node, own);
    stack.push(node);
    let lowest = own;
    for (const next of imported.get(node)!) {
      if (!numbers.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, numbers.get(next)!);
    }
    if (lowest === own) {
      const group = stack.splice(stack.indexOf(node));
      if (group.length > 1) found.push(group.sort());
    }
    return lowest;
  };
  for (const node of imported.keys()) if (!numbers.has(node)) visit(node);
  return found;
}

/** What lies in one of these folders. */
function rooms(...folders: readonly string[]): RegExp {
  return new RegExp(`^(${folders.join('|')})/`);
}

function sourcesBelow(folder: string, extension = /\.tsx?$/): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && extension.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
}

function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) found.push(toImport(file, specifier, node));
    ts.forEachChild(node, visit);
  };
  visit(PARSED.get(file)!);
  return found;
}

function specifierOf(node: ts.Node): string | undefined {
  if (
    (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
    node.moduleSpecifier &&
    ts.isStringLiteral(node.moduleSpecifier)
  ) {
    return node.moduleSpecifier.text;
  }
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const [argument] = isDynamic ? node.arguments : [];
  return argument && ts.isStringLiteral(argument) ? argument.text : undefined;
}

function toImport(from: string, specifier: string, node: ts.Node): Import {
  const isTypeOnly = ts.isImportDeclaration(node) && node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
  if (!specifier.startsWith('.')) return { from, to: specifier, isPackage: true, isTypeOnly };
  return { from, to: normalize(join(dirname(from), specifier)), isPackage: false, isTypeOnly };
}

function functionsOf(file: string): { readonly name: string; readonly lines: number }[] {
  const source = PARSED.get(file)!;
  const found: { name: string; lines: number }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const [start, end] = [node.getStart(source), node.getEnd()].map(
        (position) => source.getLineAndCharacterOfPosition(position).line,
      );
      found.push({
        name: `${file}:${start! + 1} ${node.name?.getText(source) ?? '(anonymous)'}`,
        lines: end! - start! + 1,
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Lines of code that match, comments aside. */
function linesMatching(folder: string, pattern: RegExp): string[] {
  return FILES.filter((file) => file.startsWith(folder)).flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line.replace(/\/\/.*|^\s*\*.*|\/\*.*/, '')) ? [`${file}:${index + 1} ${line.trim()}`] : [],
      ),
  );
}
