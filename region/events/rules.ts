import { Fault, type BusEvent, type CreatedResource, type RegionContext } from '../service.ts';
import type { Scheduled } from '../kernel/kernel.ts';
import { send } from './bus.ts';
import { envelop } from './envelope.ts';
import { generatedName } from '../generated-name.ts';
import type { Bus, Rule } from './model.ts';
import { parseRule, scheduleOf } from './rule.ts';
import { partitionOf } from '../partition.ts';

/** EventBridge quotas, "Number of rules" (L-244521F2). */
const RULES_DEFAULT = 300;
/** API reference, PutRule. */
const RULE_NAME_CHARACTERS_MAX = 64;

/** Creates `AWS::Events::Rule`; `Ref` is its name. */
export function createRule(bus: Bus, logicalId: string, properties: unknown, stackName: string): CreatedResource {
  const { rules } = bus.state;
  const generated = generatedName(bus.kernel, stackName, logicalId, RULE_NAME_CHARACTERS_MAX);
  const rule = parseRule(properties, generated, (name) => ruleArn(bus, name));
  if (rules.has(rule.name)) {
    throw new Fault('ResourceAlreadyExistsException', `Rule ${rule.name} already exists on EventBus default.`);
  }
  if (rules.size >= (bus.quotas?.rulesPerBus ?? RULES_DEFAULT)) {
    throw new Fault('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  }
  rules.set(rule.name, rule);
  if (rule.isEnabled) begin(bus, rule, bus.kernel.now);
  return { ref: rule.name, attributes: { Arn: rule.arn } };
}

/** Takes the place of the rule of that name; a schedule that stays goes on as it was. */
export function updateRule(bus: Bus, name: string, properties: unknown): void {
  const former = ruleNamed(bus, name);
  const rule = parseRule(properties, name, (ruleName) => ruleArn(bus, ruleName));
  stopTicking(bus, former);
  bus.state.rules.set(name, rule);
  if (!rule.isEnabled) return;
  const isSame = former.isEnabled && former.scheduleExpression === rule.scheduleExpression;
  begin(bus, rule, (isSame ? former.startedAtMs : undefined) ?? bus.kernel.now);
}

/** Ends a rule; what it has sent already arrives. */
export function deleteRule(bus: Bus, name: string): void {
  const rule = bus.state.rules.get(name);
  if (rule === undefined) return;
  stopTicking(bus, rule);
  bus.state.rules.delete(name);
}

export function ruleArn({ region, account }: RegionContext, name: string | undefined): string {
  return `arn:${partitionOf(region)}:events:${region}:${account}:rule/${name ?? ''}`;
}

/** Throws ResourceNotFoundException. */
export function ruleNamed({ state }: Bus, name: string | undefined): Rule {
  const rule = state.rules.get(name ?? '');
  if (rule) return rule;
  throw new Fault('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
}

export function enableRule(bus: Bus, rule: Rule): void {
  if (rule.isEnabled) return;
  rule.isEnabled = true;
  begin(bus, rule, bus.kernel.now);
}

export function disableRule(bus: Bus, rule: Rule): void {
  rule.isEnabled = false;
  stopTicking(bus, rule);
}

export function pauseSchedules(bus: Bus): void {
  bus.state.isPaused = true;
  for (const rule of bus.state.rules.values()) stopTicking(bus, rule);
}

export function resumeSchedules(bus: Bus): void {
  if (!bus.state.isPaused) return;
  bus.state.isPaused = false;
  for (const rule of bus.state.rules.values()) if (rule.isEnabled) scheduleNext(bus, rule);
}

function begin(bus: Bus, rule: Rule, startedAtMs: number): void {
  rule.startedAtMs = startedAtMs;
  scheduleNext(bus, rule);
}

function scheduleNext(bus: Bus, rule: Rule): void {
  const schedule = scheduleOf(rule);
  if (!schedule || bus.state.isPaused) return;
  const { kernel } = bus;
  const nextAtMs = schedule(kernel.now, rule.startedAtMs!);
  rule.timer = kernel.after(nextAtMs - kernel.now, 'timer', `events ticks ${rule.name}`, () => tick(bus, rule));
}

/** The tick that a rule waits for by that act. */
export function tickAt(bus: Bus, { sequence }: Scheduled): (() => void) | undefined {
  const rule = [...bus.state.rules.values()].find(({ timer }) => timer === sequence);
  return rule && (() => tick(bus, rule));
}

function tick(bus: Bus, rule: Rule): void {
  scheduleNext(bus, rule);
  send(bus, rule, envelop(bus, tickOf(rule)));
}

/** What a scheduled rule sends: EventBridge user guide, eb-create-rule-schedule. */
function tickOf(rule: Rule): BusEvent {
  return { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [rule.arn], detail: {} };
}

function stopTicking({ kernel }: Bus, rule: Rule): void {
  kernel.cancel(rule.timer);
  rule.timer = undefined;
}
