import * as z from 'zod';
import { parseJson } from '../json.ts';
import { Fault, NotModelled } from '../service.ts';
import { parseInput, type TargetInput } from './input.ts';
import type { Rule, Target } from './model.ts';
import { parsePattern, type Pattern } from './pattern.ts';
import { readProperties } from '../properties.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { EVENT_AGE_SECONDS_DEFAULT, RETRY_ATTEMPTS_DEFAULT } from './timing.ts';

const TYPE = 'AWS::Events::Rule';
/** EventBridge quotas, "Targets per rule". */
const TARGETS_MAX = 5;

const targetSchema = z.strictObject({
  Id: z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  InputPath: z.string().optional(),
  InputTransformer: z
    .strictObject({ InputPathsMap: z.record(z.string(), z.string()).optional(), InputTemplate: z.string() })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.int().min(0).max(RETRY_ATTEMPTS_DEFAULT).default(RETRY_ATTEMPTS_DEFAULT),
      MaximumEventAgeInSeconds: z.int().min(60).max(EVENT_AGE_SECONDS_DEFAULT).default(EVENT_AGE_SECONDS_DEFAULT),
    })
    .optional(),
});

const ruleSchema = z.strictObject({
  Name: z
    .string()
    .regex(/^[.\-_A-Za-z0-9]{1,64}$/)
    .optional(),
  Description: z.string().max(512).optional(),
  EventBusName: z.literal('default').optional(),
  EventPattern: z.record(z.string(), z.unknown()).optional(),
  ScheduleExpression: z.string().optional(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(targetSchema).default([]),
});

/** Reads the properties of `AWS::Events::Rule`. */
export function parseRule(properties: unknown, generatedName: string, arnOf: (name: string) => string): Rule {
  const read = readProperties(ruleSchema, TYPE, properties);
  if (!read.EventPattern && read.ScheduleExpression === undefined) {
    throw new Fault('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (read.Targets.length > TARGETS_MAX) {
    throw new Fault('LimitExceededException', `The requested resource exceeds the maximum number allowed.`);
  }
  const name = read.Name ?? generatedName;
  const rule: Rule = {
    name,
    arn: arnOf(name),
    description: read.Description,
    eventPattern: read.EventPattern && JSON.stringify(read.EventPattern),
    scheduleExpression: read.ScheduleExpression,
    targets: read.Targets.map(parseTarget),
    isEnabled: read.State === 'ENABLED',
    startedAtMs: undefined,
    timer: undefined,
  };
  patternOf(rule);
  scheduleOf(rule);
  rule.targets.forEach(inputOf);
  return rule;
}

/** What a rule's pattern matches; throws `InvalidEventPatternException`. */
export function patternOf(rule: Rule): Pattern | undefined {
  const { eventPattern: text } = rule;
  return text === undefined ? undefined : readOnce(PATTERNS, rule, () => parsePattern(parseJson(text)));
}

/** When a rule ticks; throws `ValidationException`. */
export function scheduleOf(rule: Rule): Schedule | undefined {
  const { scheduleExpression: text } = rule;
  return text === undefined ? undefined : readOnce(SCHEDULES, rule, () => parseSchedule(text));
}

/** What a target receives; throws `ValidationException`. */
export function inputOf(target: Target): TargetInput {
  return readOnce(INPUTS, target, () => parseInput(target.id, target.input));
}

/** Rules are plain data; what their texts mean is read once for each, and again for a copy. */
const PATTERNS = new WeakMap<Rule, Pattern>();
const SCHEDULES = new WeakMap<Rule, Schedule>();
const INPUTS = new WeakMap<Target, TargetInput>();

function readOnce<Of extends object, Read>(known: WeakMap<Of, Read>, of: Of, read: () => Read): Read {
  const meaning = known.get(of) ?? read();
  known.set(of, meaning);
  return meaning;
}

function parseTarget(read: z.output<typeof targetSchema>): Target {
  const service = read.Arn.split(':')[2];
  if (service !== 'lambda' && service !== 'states') throw new NotModelled(`A rule with the target ${read.Arn}`);
  if (service === 'states' && read.RoleArn === undefined) {
    throw new Fault('ValidationException', `RoleArn is required for target ${read.Id}.`);
  }
  if (service === 'lambda' && read.RoleArn !== undefined) {
    throw new NotModelled(`A Lambda target with a RoleArn (target ${read.Id})`);
  }
  return {
    id: read.Id,
    arn: read.Arn,
    roleArn: read.RoleArn,
    input: { Input: read.Input, InputPath: read.InputPath, InputTransformer: read.InputTransformer },
    deadLetterArn: read.DeadLetterConfig?.Arn,
    retryAttemptsMax: read.RetryPolicy?.MaximumRetryAttempts ?? RETRY_ATTEMPTS_DEFAULT,
    eventAgeSecondsMax: read.RetryPolicy?.MaximumEventAgeInSeconds ?? EVENT_AGE_SECONDS_DEFAULT,
  };
}
