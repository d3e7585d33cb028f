import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import ts from 'typescript';

/**
 * The house in figures: rooms and arrows between them, lines, the longest function, what the ledger's types leave optional.
 * `npm run house`, or `npm run house -- FOLDER` for another checkout of the same repository, an older commit's for instance.
 */
const ROOT = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const SOURCES = sourcesOf(ROOT);
const LEDGER_TYPES = [
  'LedgerState',
  'Holder',
  'Owner',
  'Decided',
  'SelectedImage',
  'ProvenRevision',
  'RolloutRecord',
  'PendingRollout',
  'Watch',
  'Verdict',
];

for (const [title, lines] of Object.entries(figures()))
  console.log(`${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);

function figures(): Record<string, string[]> {
  const arrows = [...new Set(SOURCES.flatMap(arrowsOf))].sort();
  const longest = SOURCES.flatMap(functionsOf).sort((a, b) => b.lines - a.lines)[0]!;
  const spreads = SOURCES.map(({ file, source }) => [roomOf(file), count(source, isConditionalSpread)] as const);
  return {
    Rooms: roomLines(),
    [`Arrows between rooms: ${arrows.length}`]: arrows,
    'Longest function': [`${longest.lines} lines: ${longest.name}`],
    'Optional members of the ledger': SOURCES.flatMap(optionalMembersOf),
    [`Conditional spreads: ${sum(spreads.map(([, found]) => found))}`]: summedByRoom(spreads),
    'State machine': stateMachineLines(),
  };
}

interface Source {
  readonly file: string;
  readonly text: string;
  readonly source: ts.SourceFile;
}

/** All code but tests; what git knows, so that nothing generated counts. */
function sourcesOf(root: string): Source[] {
  const files = execFileSync('git', ['ls-files', '*.ts'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  return files
    .filter((file) => file.includes('/') && !/^(test|docs)\//.test(file))
    .map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return { file, text, source: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true) };
    });
}

/** A room is a folder, two levels deep at most; the region and each verb's parts count as one. */
function roomOf(file: string): string {
  const [first, ...rest] = dirname(file).split('/');
  return first === 'region' || rest.length === 0 ? first! : `${first}/${rest[0]}`;
}

function roomLines(): string[] {
  const lines = SOURCES.map(({ file, text }) => [roomOf(file), text.split('\n').length - 1] as const);
  return [...summedByRoom(lines), `${sum(lines.map(([, found]) => found))} lines in all`];
}

function summedByRoom(entries: readonly (readonly [room: string, value: number])[]): string[] {
  const rooms = [...new Set(entries.map(([room]) => room))].sort();
  const total = (of: string): number => sum(entries.flatMap(([room, value]) => (room === of ? [value] : [])));
  return rooms.filter((room) => total(room) > 0).map((room) => `${String(total(room)).padStart(6)}  ${room}`);
}

function arrowsOf({ file, source }: Source): string[] {
  const found: string[] = [];
  visit(source, (node) => {
    const isImport = ts.isImportDeclaration(node) || ts.isExportDeclaration(node);
    const specifier =
      isImport && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier : undefined;
    if (!specifier?.text.startsWith('.')) return;
    const target = normalize(join(dirname(file), specifier.text));
    if (target.includes('/') && roomOf(target) !== roomOf(file)) found.push(`${roomOf(file)} -> ${roomOf(target)}`);
  });
  return found;
}

function functionsOf({ file, source }: Source): { readonly name: string; readonly lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  visit(source, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || !node.body) return;
    const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
    const start = lineAt(node.getStart(source));
    found.push({
      name: `${file}:${start + 1} ${node.name?.getText(source) ?? ''}`,
      lines: lineAt(node.getEnd()) - start + 1,
    });
  });
  return found;
}

function optionalMembersOf({ file, source }: Source): string[] {
  if (!file.startsWith('functions/rollout/')) return [];
  const found: string[] = [];
  visit(source, (node) => {
    if (!ts.isInterfaceDeclaration(node) || !LEDGER_TYPES.includes(node.name.text)) return;
    const optional = node.members.filter(({ questionToken }) => questionToken).length;
    const maybe = node.members.filter((member) => !member.questionToken && isMaybe(member)).length;
    found.push(`${node.name.text}: ${optional} of ${node.members.length}, ${maybe} more may be undefined`);
  });
  return found;
}

/** `T | undefined`: a member that is always written, whatever is known. */
function isMaybe(member: ts.TypeElement): boolean {
  const type = ts.isPropertySignature(member) ? member.type : undefined;
  return (
    type !== undefined &&
    ts.isUnionTypeNode(type) &&
    type.types.some(({ kind }) => kind === ts.SyntaxKind.UndefinedKeyword)
  );
}

/** `...(x && { x })` and `...(x ? { x } : {})`. */
function isConditionalSpread(node: ts.Node): boolean {
  if (!ts.isSpreadAssignment(node)) return false;
  let { expression } = node;
  while (ts.isParenthesizedExpression(expression)) ({ expression } = expression);
  if (ts.isConditionalExpression(expression)) return true;
  return ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
}

function stateMachineLines(): string[] {
  const names = ['rollout.asl.yaml', 'rollout.asl.json'].filter((name) =>
    existsSync(join(ROOT, 'state-machine', name)),
  );
  return names.map((name) => {
    const text = readFileSync(join(ROOT, 'state-machine', name), 'utf8');
    const { length } = [...text.matchAll(/\[60, 300, 600, 1200\]/g)];
    return `${name}: ${text.split('\n').length - 1} lines; the ladder of waits stands ${length} times`;
  });
}

function count(node: ts.Node, isMeant: (node: ts.Node) => boolean): number {
  let found = 0;
  visit(node, (inner) => {
    if (isMeant(inner)) found++;
  });
  return found;
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
