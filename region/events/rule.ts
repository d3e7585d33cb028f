import * as z from 'zod';
import { Fault, NotModelled } from '../service.ts';
import { parseInput, type TargetInput } from './input.ts';
import { parsePattern, type Pattern } from './pattern.ts';
import { readProperties } from '../properties.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { EVENT_AGE_SECONDS_DEFAULT, RETRY_ATTEMPTS_DEFAULT } from './timing.ts';

/** A rule of the default bus. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  /** JSON text, as `DescribeRule` shows it. */
  readonly eventPattern: string | undefined;
  readonly pattern: Pattern | undefined;
  readonly scheduleExpression: string | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: readonly Target[];
  isEnabled: boolean;
}

/** Where a rule sends events, and what it does when that fails. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly roleArn: string | undefined;
  readonly input: TargetInput;
  readonly deadLetterArn: string | undefined;
  readonly retryAttemptsMax: number;
  readonly eventAgeSecondsMax: number;
}

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
  return {
    name,
    arn: arnOf(name),
    description: read.Description,
    eventPattern: read.EventPattern && JSON.stringify(read.EventPattern),
    pattern: read.EventPattern && parsePattern(read.EventPattern),
    scheduleExpression: read.ScheduleExpression,
    schedule: read.ScheduleExpression === undefined ? undefined : parseSchedule(read.ScheduleExpression),
    targets: read.Targets.map(parseTarget),
    isEnabled: read.State === 'ENABLED',
  };
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
    input: parseInput(read),
    deadLetterArn: read.DeadLetterConfig?.Arn,
    retryAttemptsMax: read.RetryPolicy?.MaximumRetryAttempts ?? RETRY_ATTEMPTS_DEFAULT,
    eventAgeSecondsMax: read.RetryPolicy?.MaximumEventAgeInSeconds ?? EVENT_AGE_SECONDS_DEFAULT,
  };
}
