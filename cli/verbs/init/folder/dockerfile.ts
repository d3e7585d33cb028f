import { cleaned } from './build-context.ts';

/** One instruction of a Dockerfile, its continued lines joined. */
interface Instruction {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly keyword: string;
  readonly rest: string;
}

/** A file or folder that the build takes from its context. */
export interface CopiedSource {
  readonly line: number;
  /** Seen from the context, without `./` in front; may hold wildcards. */
  readonly path: string;
}

/** What COPY and ADD take from the build context; not what comes from stages, addresses, texts and variables. */
export function copiedSources(dockerfile: string): CopiedSource[] {
  return instructionsIn(dockerfile)
    .filter(({ keyword, rest }) => /^(COPY|ADD)$/.test(keyword) && !/(^|\s)--from=/.test(rest))
    .flatMap(({ line, rest }) => sourcesIn(rest).map((path) => ({ line, path })));
}

/** The build arguments without a value of their own, each once; those that BuildKit sets are none. */
export function buildArguments(dockerfile: string): string[] {
  const names = instructionsIn(dockerfile)
    .filter(({ keyword }) => keyword === 'ARG')
    .flatMap(({ rest }) => rest.split(/\s+/))
    .flatMap((text) => /^(\w+)(?:=(?:""|'')?)?$/.exec(text)?.[1] ?? []);
  return [...new Set(names)].filter((name) => !SET_BY_BUILDKIT.test(name));
}

/** The TCP ports that a Dockerfile exposes by number, in its order; variables and ranges are passed over. */
export function exposedPorts(dockerfile: string): string[] {
  return instructionsIn(dockerfile)
    .filter(({ keyword }) => keyword === 'EXPOSE')
    .flatMap(({ rest }) => rest.trim().split(/\s+/))
    .flatMap((port) => /^(\d+)(?:\/tcp)?$/i.exec(port)?.[1] ?? []);
}

// https://docs.docker.com/reference/dockerfile/#predefined-args and #automatic-platform-args-in-the-global-scope
const SET_BY_BUILDKIT =
  /^((HTTPS?|FTP|NO|ALL)_PROXY|(TARGET|BUILD)(PLATFORM|OS|ARCH|VARIANT)|SOURCE_DATE_EPOCH|BUILDKIT_\w+)$/i;

/** The instructions, without comments and the bodies of here-documents. */
function instructionsIn(dockerfile: string): Instruction[] {
  const found: Instruction[] = [];
  const lines = dockerfile.split(/\r?\n/).map((text, index) => ({ text: text.trim(), line: index + 1 }));
  const rest = lines[Symbol.iterator]();
  for (const { text, line } of rest) {
    if (isEmpty(text)) continue;
    const whole = joined(text, rest);
    const [, keyword = '', operands] = /^([A-Za-z]+)\s+(.*)$/.exec(whole) ?? [];
    if (operands === undefined) continue;
    if (/^(RUN|COPY|ADD)$/i.test(keyword)) skipHereDocuments(operands, rest);
    found.push({ line, keyword: keyword.toUpperCase(), rest: operands });
  }
  return found;
}

type Lines = IterableIterator<{ readonly text: string; readonly line: number }>;

function isEmpty(text: string): boolean {
  return text === '' || text.startsWith('#');
}

/** The line with those that it is continued by; comments and empty lines may stand between them. */
function joined(first: string, rest: Lines): string {
  let text = first;
  while (text.endsWith('\\')) {
    const next = rest.next();
    if (next.done) break;
    text = isEmpty(next.value.text) ? text : `${text.slice(0, -1)} ${next.value.text}`;
  }
  return text;
}

/** A here-document begins with a word of its own: in `$((1<<BITS))` none does. */
function skipHereDocuments(operands: string, rest: Lines): void {
  for (const [, end] of operands.matchAll(/(?<=^|\s)\d*<<-?(?:"|')?([A-Za-z_]\w*)(?:"|')?(?=\s|$)/g)) {
    let next = rest.next();
    while (!next.done && next.value.text !== end) next = rest.next();
  }
}

/** All words but the last, which is where they go. */
function sourcesIn(rest: string): string[] {
  const words = rest.replace(/^(?:--\S+\s+)+/, '');
  const all = words.startsWith('[') ? [...words.matchAll(/"([^"]*)"/g)].map(([, word]) => word!) : words.split(/\s+/);
  return all
    .slice(0, -1)
    .filter((word) => !/[$]|^<<|^\w+:\/\/|^git@/.test(word))
    .map(cleaned)
    .filter((word) => word !== '');
}
