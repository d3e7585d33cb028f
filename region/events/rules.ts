import type { TimerId } from '../kernel/kernel.ts';
import { Fault, type CreatedResource, type RegionContext } from '../service.ts';
import { parseRule, type Rule } from './rule.ts';

/** EventBridge quotas, "Rules". */
const RULES_MAX = 300;

/** The rules of the default bus, and the ticks of those that have a schedule. */
export class Rules {
  readonly #context: RegionContext;
  readonly #tick: (rule: Rule) => void;
  readonly #rules = new Map<string, Rule>();
  /** When a rule's schedule began, milliseconds. */
  readonly #startedAtMs = new Map<Rule, number>();
  readonly #timers = new Map<Rule, TimerId>();
  #isPaused = false;

  constructor(context: RegionContext, tick: (rule: Rule) => void) {
    this.#context = context;
    this.#tick = tick;
  }

  create(logicalId: string, properties: unknown, stackName: string): CreatedResource {
    const suffix = this.#context.kernel.random.hex(12).toUpperCase();
    const rule = parseRule(properties, `${stackName}-${logicalId}-${suffix}`, (name) => this.arnOf(name));
    if (this.#rules.has(rule.name)) {
      throw new Fault('ResourceAlreadyExistsException', `Rule ${rule.name} already exists on EventBus default.`);
    }
    if (this.#rules.size >= RULES_MAX) {
      throw new Fault('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
    }
    this.#rules.set(rule.name, rule);
    if (rule.isEnabled) this.#begin(rule);
    return { ref: rule.name, attributes: { Arn: rule.arn } };
  }

  /** Takes the place of the rule of that name; a schedule that stays goes on as it was. */
  update(name: string, properties: unknown): void {
    const former = this.named(name);
    const rule = parseRule(properties, name, (ruleName) => this.arnOf(ruleName));
    const startedAtMs = this.#startedAtMs.get(former);
    this.#cancel(former);
    this.#rules.set(name, rule);
    if (!rule.isEnabled) return;
    const isSame = former.isEnabled && former.scheduleExpression === rule.scheduleExpression;
    if (isSame && startedAtMs !== undefined) this.#begin(rule, startedAtMs);
    else this.#begin(rule);
  }

  all(): readonly Rule[] {
    return [...this.#rules.values()];
  }

  arnOf(name: string | undefined): string {
    return `arn:aws:events:${this.#context.region}:${this.#context.account}:rule/${name ?? ''}`;
  }

  /** Throws ResourceNotFoundException. */
  named(name: string | undefined): Rule {
    const rule = this.#rules.get(name ?? '');
    if (rule) return rule;
    throw new Fault('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`);
  }

  enable(rule: Rule): void {
    if (rule.isEnabled) return;
    rule.isEnabled = true;
    this.#begin(rule);
  }

  disable(rule: Rule): void {
    rule.isEnabled = false;
    this.#cancel(rule);
  }

  pause(): void {
    this.#isPaused = true;
    for (const rule of this.all()) this.#cancel(rule);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    for (const rule of this.all()) if (rule.isEnabled) this.#scheduleNext(rule);
  }

  #begin(rule: Rule, startedAtMs = this.#context.kernel.now): void {
    this.#startedAtMs.set(rule, startedAtMs);
    this.#scheduleNext(rule);
  }

  #scheduleNext(rule: Rule): void {
    if (!rule.schedule || this.#isPaused) return;
    const { kernel } = this.#context;
    const nextAtMs = rule.schedule(kernel.now, this.#startedAtMs.get(rule)!);
    const timer = kernel.after(nextAtMs - kernel.now, 'timer', `events ticks ${rule.name}`, () => {
      this.#scheduleNext(rule);
      this.#tick(rule);
    });
    this.#timers.set(rule, timer);
  }

  #cancel(rule: Rule): void {
    this.#context.kernel.cancel(this.#timers.get(rule));
    this.#timers.delete(rule);
  }
}
