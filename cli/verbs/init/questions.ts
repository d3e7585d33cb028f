import type { AnswerName, Answers } from './answers.ts';
import { complaintsAbout } from './check-answers.ts';
import { suggestionsFrom } from './suggestions.ts';
import type { Folder } from './folder/folder.ts';
import type { Terminal } from '../../terminal/command.ts';

interface Question {
  readonly about: AnswerName;
  readonly text: string;
  /** Asked only then. @default always */
  isAsked?(answers: Answers): boolean;
  /** An empty answer leaves it unknown. */
  readonly isOptional?: boolean;
}

const QUESTIONS: readonly Question[] = [
  { about: 'repository', text: 'ECR repository' },
  { about: 'container', text: 'Container in the task definition' },
  {
    about: 'service',
    text: 'ECS service',
    // A new one is named like the repository, where ECS takes that name.
    isAsked: ({ adopt, repository = '' }) => adopt === true || repository.split('/').at(-1)!.includes('.'),
  },
  { about: 'cluster', text: 'ECS cluster', isAsked: ({ adopt }) => adopt === true },
  { about: 'port', text: 'Port that the container listens on', isAsked: ({ adopt }) => adopt !== true },
  {
    about: 'secret',
    text: 'Secrets from SSM parameters, NAME=/path (several: spaces; none: -)',
    isAsked: ({ adopt }) => adopt !== true,
    isOptional: true,
  },
  {
    about: 'setting',
    text: 'Other variables, NAME=value (several: spaces; none: -)',
    isAsked: ({ adopt }) => adopt !== true,
    isOptional: true,
  },
  { about: 'github', text: 'GitHub repository (owner/name)' },
  {
    about: 'owner-id',
    text: 'Id of its owner (gh api repos/OWNER/NAME --jq .owner.id; empty: whoever has the name)',
    isOptional: true,
  },
  {
    about: 'repository-id',
    text: 'Id of the repository (gh api repos/OWNER/NAME --jq .id; empty: whoever has the name)',
    isOptional: true,
  },
  {
    about: 'environment',
    text: 'GitHub environment that may push',
    isAsked: ({ branch }) => branch === undefined,
  },
  { about: 'branch', text: 'Branch whose pushes are built' },
  { about: 'region', text: 'AWS Region' },
  { about: 'account', text: 'AWS account (empty: read from a GitHub variable)', isOptional: true },
  { about: 'notify', text: 'E-mail addresses to notify of outcomes (several: spaces; empty: none)', isOptional: true },
];

/** The answers that are lists. */
const LISTS: ReadonlySet<AnswerName> = new Set(['secret', 'setting', 'notify']);
/** Declines what is suggested. */
const NONE = '-';
/** How often a question is put before the run gives up. */
const TRIES = 3;

type Ask = NonNullable<Terminal['ask']>;

/** Asks for whatever the flags left open, one question at a time, with what the application's folder suggests. */
export async function askForRest(given: Answers, folder: Folder, terminal: Terminal, ask: Ask): Promise<Answers> {
  let answers = { ...given, adopt: given.adopt ?? (given.port === undefined && (await isExisting(ask, terminal))) };
  for (const question of QUESTIONS) {
    if (answers[question.about] !== undefined || question.isAsked?.(answers) === false) continue;
    const { [question.about]: suggestion } = suggestionsFrom(folder, answers, terminal.env);
    const answer = await put(
      question,
      suggestion,
      ask,
      (value) => {
        const found = complaintsAbout({ ...answers, ...answerOf(question, value) }, folder.path);
        return found.find(({ about }) => about === question.about)?.message;
      },
      terminal,
    );
    if (answer !== undefined) answers = { ...answers, ...answerOf(question, answer) };
  }
  return answers;
}

function answerOf({ about }: Question, text: string): Answers {
  if (!LISTS.has(about)) return { [about]: text };
  return { [about]: text === NONE ? [] : text.split(/\s+/) };
}

async function isExisting(ask: Ask, { err }: Terminal): Promise<boolean> {
  for (let tried = 0; tried < TRIES; tried += 1) {
    const answer = await answered(ask, 'Does the ECS service exist already? [y/N] ');
    if (isYes(answer) || /^(no?)?$/i.test(answer)) return isYes(answer);
    err.write('Answer y or n.\n');
  }
  throw new Error(`no usable answer for --adopt after ${TRIES} tries; nothing was written`);
}

/** Whether an answer means yes; an empty one means no. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

/** One line that was typed; throws when the input ended. */
export async function answered(ask: Ask, question: string): Promise<string> {
  const answer = await ask(question);
  if (answer === undefined) throw new Error('the input ended; nothing was written');
  return answer.trim();
}

async function put(
  { about, text, isOptional = false }: Question,
  suggestion: string | undefined,
  ask: Ask,
  refusalOf: (value: string) => string | undefined,
  terminal: Terminal,
): Promise<string | undefined> {
  const prompt = `${text}${suggestion === undefined ? '' : ` [${suggestion}]`}: `;
  for (let tried = 0; tried < TRIES; tried += 1) {
    const value = (await answered(ask, prompt)) || suggestion;
    if (value === undefined && isOptional) return undefined;
    const refusal = value === undefined ? `--${about} is needed.` : refusalOf(value);
    if (refusal === undefined) return value;
    terminal.err.write(`${refusal}\n`);
  }
  throw new Error(`no usable answer for --${about} after ${TRIES} tries; nothing was written`);
}
