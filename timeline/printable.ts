/** What steers a terminal, and what turns the direction in which a text is read: it may say one thing and show another. */
const CONTROLS = String.raw`[\p{Cc}\p{Bidi_Control}\u2028\u2029]`;
const CONTROL_RUNS = new RegExp(`${CONTROLS}+`, 'gu');

/** Text from outside as one line that only says something: whatever would do something is a space. */
export function printable(text: string): string {
  return text.replace(CONTROL_RUNS, ' ');
}

/** What a screen of ours is made of: lines, tabs, the codes of a palette, and the end of a passing line. */
const OURS = String.raw`[\n\t]|\u001b\[(?:0|1|2|31|32)m|\r\u001b\[2K`;
const OURS_OR_CONTROL = new RegExp(`(${OURS})|${CONTROLS}`, 'gu');

/**
 * What a build server would take for a command: `::error::` where a line begins, `##[error]` and `##vso[…]` anywhere in it
 * (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs; Azure Pipelines, "Logging commands").
 */
const COMMAND_OF_LINE = /^((?:\s|\u001b\[\d+m)*):(?=:)/gmu;
const COMMAND_ANYWHERE = /##(?=[\w.-]*\[)/g;

/** A screen with nothing in it that steers a terminal but what {@link OURS} does, nor anything that a build server obeys. */
export function safeScreen(text: string): string {
  const still = text.replace(OURS_OR_CONTROL, (_, ours: string | undefined) => ours ?? ' ');
  return still.replace(COMMAND_OF_LINE, '$1: ').replace(COMMAND_ANYWHERE, '# #');
}

const CONTROL_IN_JSON = new RegExp(`(\\n)|${CONTROLS}|#(?=#[\\w.-]*\\[)`, 'gu');

/** The same JSON text, in which what would steer a terminal or a build server is escaped. */
export function safeJson(json: string): string {
  return json.replace(CONTROL_IN_JSON, (sign: string, line: string | undefined) =>
    line === undefined ? `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}` : line,
  );
}
