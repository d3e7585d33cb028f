import { plainText } from './identifiers.ts';

/** What Slack takes for markup unless it is written so (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text"). */
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Nothing escapes these in Slack, so what looks like them stands instead. */
const LOOKALIKES: Readonly<Record<string, string>> = { '*': '\u2217', '~': '\u223c', '`': "'", _: '\u02cd' };
/** An underscore within a word formats nothing, and is part of many names. */
const FORMATTING = /[*~`]|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu;
/** What makes a list, a heading or a table of a line, where it begins with that. */
const BLOCK = /^(?:[#+=|:-]|\d+[.)](?=\s|$))/;

/** Words that call everybody in a channel where a client reads them as typed. */
const CALL = '@(?=(?:here|channel|everyone|group|team|all)\\b)';
const CALLS = new RegExp(CALL, 'gi');
/** After what a client would go on to a mention, a link or an emoji; the last dot of a sentence has a space behind it. */
const BREAKS = new RegExp(
  [
    CALL,
    '(?<!\\w)(?:[@#](?=\\w)|:(?=[\\w+-]+:))',
    ':(?=//)',
    '(?<=[\\p{L}\\p{N}-])[.\\u3002\\uff0e\\uff61](?=\\p{L})',
    '\\](?=[(:[])',
  ].join('|'),
  'giu',
);
const ZERO_WIDTH_SPACE = '\u200b';

/**
 * Text from outside for a chat client, written with at most `maxLength` characters: tags, reasons and log lines call nobody, and
 * mention, link and format nothing. It reads as it is, but is not to be copied: the e-mail and the record have it as it came.
 */
export function chatText(text: string, maxLength: number): string {
  const plain = plainText(text, Infinity)
    .replace(FORMATTING, (run) => LOOKALIKES[run[0]!]!.repeat(run.length))
    .replace(BREAKS, `$&${ZERO_WIDTH_SPACE}`)
    .replace(BLOCK, `${ZERO_WIDTH_SPACE}$&`);
  return escaped(plain, maxLength);
}

/** A command for a chat client: whole, as it is typed, and to be copied. */
export function chatCommand(command: string): string {
  const plain = plainText(command, Infinity).replaceAll('`', "'").replace(CALLS, `$&${ZERO_WIDTH_SPACE}`);
  return `\`${escaped(plain, Infinity)}\``;
}

/** An address of ours for a chat client, which makes a link of it. */
export function chatUrl(url: string): string {
  return escaped(url, Infinity);
}

/** Cut between characters, never within what one of them is written as. */
function escaped(text: string, maxLength: number): string {
  const written = Array.from(text, (sign) => ESCAPES[sign] ?? sign);
  if (written.join('').length <= maxLength) return written.join('');
  let length = 1;
  const end = written.findIndex((sign) => (length += sign.length) > maxLength);
  return `${written.slice(0, end).join('')}…`;
}
