/** The text as TypeScript writes it: in single quotes where these suffice. */
export function inTypeScript(text: string): string {
  return /^[ -&(-[\]-~]*$/.test(text) ? `'${text}'` : JSON.stringify(text);
}

const PLAIN = /^[A-Za-z][A-Za-z0-9._/-]*$/;
/** Words that a YAML parser, of 1.1 or 1.2, takes for something else than text. */
const TAKEN = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** The text as YAML writes it: bare where nobody can misread it, otherwise in double quotes. */
export function inYaml(text: string): string {
  return PLAIN.test(text) && !TAKEN.test(text) ? text : JSON.stringify(text).replace(UNPRINTABLE, escaped);
}

// What JSON leaves as it is and YAML does not print (https://yaml.org/spec/1.2.2/#51-character-set).
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
