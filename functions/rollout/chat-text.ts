import { plainText } from './identifiers.ts';

/** What Slack takes for markup unless it is written so (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text"). */
const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
/** Words that call everybody in a channel where a client reads them as typed. */
const CALLS = /@(?=(?:here|channel|everyone|group|team|all)\b)/gi;
const ZERO_WIDTH_SPACE = '\u200b';

/** Text from outside, cut to `maxLength`, for a chat client: tags, reasons and log lines call nobody, and mention and link nothing. */
export function chatText(text: string, maxLength: number): string {
  return escaped(plainText(text, maxLength)).replace(CALLS, `@${ZERO_WIDTH_SPACE}`);
}

/** An address of ours for a chat client, which makes a link of it. */
export function chatUrl(url: string): string {
  return escaped(url);
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => ESCAPES[sign]!);
}
