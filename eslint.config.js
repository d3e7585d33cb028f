import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';

/** Rules that need types are worth their seconds where promises, unions and `any` decide about somebody's service. */
const TYPED = ['functions/**/*.ts'];

/**
 * ESLint's cache knows a file by its own text and its configuration, but what these rules find in a file depends on the types
 * of others: a configuration that changes with any of them makes the cache forget them all.
 */
function typesDigest() {
  const root = import.meta.dirname;
  const sources = readdirSync(join(root, 'functions'), { recursive: true }).filter((name) => name.endsWith('.ts'));
  const inputs = [...sources.sort().map((name) => join('functions', name)), 'tsconfig.json', 'package-lock.json'];
  const digest = createHash('sha256');
  for (const input of inputs) digest.update(input).update(readFileSync(join(root, input)));
  return digest.digest('hex');
}

export default tseslint.config(
  { ignores: ['node_modules/', 'cdk.out/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // An interface gives the type of a schema its name, in editors and in errors.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    },
  },
  {
    // Whatever the page shows came from outside: it is text, and nothing is ever taken for markup, nor styled past the policy.
    files: ['console/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Everything shown is text.' },
        { selector: "JSXAttribute[name.name='style']", message: 'The policy forbids style attributes: name a class.' },
        {
          selector: "Property[key.name='dangerouslySetInnerHTML']",
          message: 'Everything shown is text.',
        },
        {
          selector:
            "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|write|writeln|createContextualFragment|srcdoc)$/]:not([object.name='out'])",
          message: 'Everything shown is text.',
        },
      ],
    },
  },
  {
    files: TYPED,
    settings: { typesDigest: typesDigest() },
    languageOptions: { parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
);
