import type { LogEvent } from '../../region/logs/logs.ts';

/** A line of a log as Logs Insights sees it: every member by its path, texts and numbers as texts. */
type Row = ReadonlyMap<string, string>;

/** What a query answers: its columns by their names. */
export type Answer = Readonly<Record<string, string>>;

/**
 * Runs a query of a dashboard over lines: the part of Logs Insights' language that ours use, all else is refused. A field that no
 * line has which the filter lets pass is a mistake here, where Logs Insights would show an empty column.
 */
export function runQuery(query: string, eventsOf: (logGroup: string) => readonly LogEvent[]): Answer[] {
  const commands = query.split(/\s*\|\s*/);
  const sources = commands.flatMap((command) => /^SOURCE '(.+)'$/.exec(command)?.[1] ?? []);
  const events = sources.flatMap((group) => eventsOf(group)).sort((a, b) => a.timestamp - b.timestamp);
  const rows = events.flatMap(rowOf);
  return commands.slice(sources.length).reduce(apply, rows).map(Object.fromEntries) as Answer[];
}

function apply(rows: readonly Row[], command: string): Row[] {
  const [, name = '', rest = ''] = /^(\w+) ([^]+)$/.exec(command) ?? [];
  const run = COMMANDS[name];
  if (!run) throw new Error(`Logs Insights' "${command}" is not known here`);
  return run(rows, rest);
}

const COMMANDS: Readonly<Record<string, (rows: readonly Row[], rest: string) => Row[]>> = {
  filter: (rows, rest) => rest.split(' and ').reduce((left, one) => left.filter(conditionIn(one)), [...rows]),
  fields(rows, rest) {
    const columns = namedIn(rest);
    for (const { of } of columns) known(rows, of);
    return rows.map((row) => new Map(columns.map(({ of, as }) => [as, row.get(of) ?? ''])));
  },
  stats(rows, rest) {
    const [functions = '', by = ''] = rest.split(' by ');
    const [group] = namedIn(by);
    const columns = namedIn(functions).map(({ of, as }) => ({ of: exactly(/^latest\((.+)\)$/, of), as }));
    for (const { of } of [group!, ...columns]) known(rows, of);
    const keys = [...new Set(rows.map((row) => row.get(group!.of)!))];
    return keys.map((key) => {
      const those = rows.filter((row) => row.get(group!.of) === key);
      // The newest line that has the field, which need not be the newest line.
      const latest = (field: string): string => those.findLast((row) => row.has(field))!.get(field)!;
      return new Map([[group!.as, key], ...columns.map(({ of, as }): [string, string] => [as, latest(of)])]);
    });
  },
  sort(rows, rest) {
    const [field = '', order] = rest.split(' ');
    const sorted = [...rows].sort((a, b) => (a.get(field)! < b.get(field)! ? -1 : 1));
    return order === 'desc' ? sorted.reverse() : sorted;
  },
  dedup: (rows, field) =>
    rows.filter((row, index) => rows.findIndex((other) => other.get(field) === row.get(field)) === index),
  limit: (rows, count) => rows.slice(0, Number(count)),
};

function conditionIn(text: string): (row: Row) => boolean {
  const [, field = '', operator, value = ''] = /^(\S+) (=|not in) (.+)$/.exec(text) ?? [];
  if (operator === '=') return (row) => row.get(field) === JSON.parse(value);
  if (operator === 'not in') return (row) => !(JSON.parse(value) as string[]).includes(row.get(field) ?? '');
  throw new Error(`Logs Insights' condition "${text}" is not known here`);
}

/** `a as b, latest(c) as d`, and `e` as itself. */
function namedIn(list: string): { readonly of: string; readonly as: string }[] {
  return list.split(', ').map((one) => {
    const [of = '', as = of] = one.split(' as ');
    return { of, as };
  });
}

function known(rows: readonly Row[], field: string): void {
  const lacking = rows.filter((row) => !row.has(field));
  if (rows.length === 0 || lacking.length > 0)
    throw new Error(`${lacking.length} of ${rows.length} lines lack ${field}`);
}

function exactly(pattern: RegExp, text: string): string {
  const [, inner] = pattern.exec(text) ?? [];
  if (inner === undefined) throw new Error(`"${text}" is not known here`);
  return inner;
}

/** What is not JSON has no fields of ours. */
function rowOf({ message, timestamp }: LogEvent): Row[] {
  const start = message.indexOf('{');
  if (start < 0) return [];
  const members = new Map([['@timestamp', new Date(timestamp).toISOString()]]);
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value)) visit(member, path === '' ? key : `${path}.${key}`);
    else if (value !== null) members.set(path, String(value));
  };
  visit(JSON.parse(message.slice(start)), '');
  return [members];
}
