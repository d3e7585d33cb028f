import { SHOWN_ATTRIBUTES } from '../functions/rollout/shown-attributes.ts';

/** Characters of a line of attributes. */
const LINE_MAX = 100;

/** The statement of a policy that lets people read a ledger but not its task tokens, as README shows it. */
export function ledgerPermission(): string {
  const attributes = lines(SHOWN_ATTRIBUTES.map((name) => JSON.stringify(name))).map((line) => `        ${line}`);
  return [
    '```json',
    '{',
    '  "Effect": "Allow",',
    '  "Action": ["dynamodb:GetItem", "dynamodb:Query"],',
    '  "Resource": "arn:aws:dynamodb:REGION:ACCOUNT:table/rollouts-SERVICE",',
    '  "Condition": {',
    '    "StringEquals": { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },',
    '    "ForAllValues:StringEquals": {',
    '      "dynamodb:Attributes": [',
    ...attributes,
    '      ]',
    '    }',
    '  }',
    '}',
    '```',
  ].join('\n');
}

/** Words of JSON on lines that are not too long, each with its comma but the last. */
function lines(words: readonly string[]): string[] {
  const found: string[] = [];
  for (const [index, word] of words.entries()) {
    const said = index < words.length - 1 ? `${word},` : word;
    const last = found.at(-1);
    if (last === undefined || last.length + said.length + 1 > LINE_MAX) found.push(said);
    else found[found.length - 1] = `${last} ${said}`;
  }
  return found;
}
