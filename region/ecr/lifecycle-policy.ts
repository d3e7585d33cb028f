import * as z from 'zod';
import { parseJson } from '../json.ts';
import { NotModelled } from '../service.ts';
import { invalidParameter } from './faults.ts';

/** Which images a rule speaks of: `any` means all, and each of `patterns` must be met by some tag of the image. */
type Selection =
  { readonly tagStatus: 'untagged' | 'any' } | { readonly tagStatus: 'tagged'; readonly patterns: readonly string[] };

/** One rule of a lifecycle policy: what of its selection is too much. */
export interface LifecycleRule {
  /** The lower, the earlier. */
  readonly priority: number;
  readonly selection: Selection;
  readonly limit:
    | { readonly countType: 'imageCountMoreThan'; readonly images: number }
    | { readonly countType: 'sinceImagePushed'; readonly days: number };
}

/** A policy as it was given, and what it means. */
export interface LifecyclePolicy {
  readonly text: string;
  /** In the order of their priority. */
  readonly rules: readonly LifecycleRule[];
}

/** Amazon ECR API reference, PutLifecyclePolicy, and user guide, "Lifecycle policy properties" and its quotas. */
const TEXT_LENGTH = { min: 100, max: 30_720 };
const RULES_MAX = 50;
const WILDCARDS_MAX = 4;

const ruleShape = z.strictObject({
  rulePriority: z.int().min(1),
  description: z.string().max(256).optional(),
  selection: z.strictObject({
    tagStatus: z.enum(['tagged', 'untagged', 'any']),
    tagPrefixList: z.array(z.string().min(1)).min(1).optional(),
    tagPatternList: z.array(z.string().min(1)).min(1).optional(),
    storageClass: z.enum(['standard', 'archive']).optional(),
    countType: z.enum(['imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned']),
    countUnit: z.literal('days').optional(),
    countNumber: z.int().min(1),
  }),
  action: z.strictObject({
    type: z.enum(['expire', 'transition']),
    targetStorageClass: z.literal('archive').optional(),
  }),
});

type RuleText = z.output<typeof ruleShape>;

/** Reads the text of a lifecycle policy; throws `InvalidParameterException` as ECR would, `NotModelled` for archiving. Rules come in their order. */
export function parseLifecyclePolicy(text: string): LifecyclePolicy {
  if (text.length < TEXT_LENGTH.min || text.length > TEXT_LENGTH.max)
    throw invalidPolicy(`the text must have ${TEXT_LENGTH.min} to ${TEXT_LENGTH.max} characters`);
  const policy = z.strictObject({ rules: z.array(ruleShape).min(1).max(RULES_MAX) }).safeParse(parsedJson(text));
  if (!policy.success) {
    const issue = policy.error.issues[0]!;
    throw invalidPolicy(`${issue.path.join('.')}: ${issue.message}`);
  }
  const rules = policy.data.rules.toSorted((one, other) => one.rulePriority - other.rulePriority);
  for (const rule of rules) checkRule(rule);
  checkTogether(rules);
  return { text, rules: rules.map(ruleOf) };
}

function parsedJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw invalidPolicy('could not map policyString into LifecyclePolicy');
  }
}

function checkRule({ rulePriority, selection, action }: RuleText): void {
  const { tagStatus, tagPrefixList, tagPatternList, storageClass, countType, countUnit } = selection;
  const refuse = (problem: string): never => {
    throw invalidPolicy(`rule ${rulePriority}: ${problem}`);
  };
  const isArchiving = action.type === 'transition' || action.targetStorageClass !== undefined;
  const isOfArchive = storageClass === 'archive' || !/^imageCountMoreThan$|^sinceImagePushed$/.test(countType);
  if (isArchiving || isOfArchive)
    throw new NotModelled('an ECR lifecycle rule on archived, archiving or pulled images');
  const lists = [tagPrefixList, tagPatternList].filter((list) => list !== undefined);
  if (tagStatus === 'tagged' && lists.length !== 1) refuse('tagged needs one of tagPrefixList and tagPatternList');
  if (tagStatus !== 'tagged' && lists.length > 0) refuse(`${tagStatus} takes neither tagPrefixList nor tagPatternList`);
  if ((countType === 'sinceImagePushed') !== (countUnit === 'days'))
    refuse('countUnit days goes with sinceImagePushed');
  const isTooWild = (pattern: string): boolean => pattern.split('*').length - 1 > WILDCARDS_MAX;
  if (tagPatternList?.some(isTooWild)) refuse(`a pattern has more than ${WILDCARDS_MAX} wildcards`);
}

function checkTogether(rules: readonly RuleText[]): void {
  const priorities = rules.map(({ rulePriority }) => rulePriority);
  if (new Set(priorities).size < rules.length) throw invalidPolicy('each rulePriority must be unique');
  const statuses = rules.map(({ selection }) => selection.tagStatus);
  if (statuses.filter((status) => status === 'untagged').length > 1)
    throw invalidPolicy('only one rule may select untagged images');
  if (statuses.slice(0, -1).includes('any'))
    throw invalidPolicy('a rule for any image must have the highest rulePriority');
  const prefixes = rules.flatMap(({ selection }) => (selection.tagPrefixList ? [selection.tagPrefixList] : []));
  const sets = prefixes.map((list) => list.toSorted().join(' '));
  if (new Set(sets).size < sets.length) throw invalidPolicy('the rules must have unique sets of tag prefixes');
}

function ruleOf({ rulePriority, selection }: RuleText): LifecycleRule {
  const { tagStatus, tagPrefixList, tagPatternList, countType, countNumber } = selection;
  const patterns = tagPatternList ?? tagPrefixList?.map((prefix) => `${prefix}*`) ?? [];
  return {
    priority: rulePriority,
    selection: tagStatus === 'tagged' ? { tagStatus, patterns } : { tagStatus },
    limit:
      countType === 'imageCountMoreThan'
        ? { countType, images: countNumber }
        : { countType: 'sinceImagePushed', days: countNumber },
  };
}

function invalidPolicy(problem: string): Error {
  return invalidParameter('LifecyclePolicyText', `Lifecycle policy validation failure: ${problem}`);
}
