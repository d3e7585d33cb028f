import { Fault, NotModelled } from '../service.ts';
import type { Code } from './code.ts';
import type { Instance } from './instance.ts';
import type { LogLevel } from './sandbox/output.ts';

/** A function as its template describes it. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  readonly code: Code;
  /** `index.handler` */
  readonly handler: string;
  readonly roleArn: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memorySizeMb: number;
  readonly isTraced: boolean;
  readonly logGroupName: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly logLevel: LogLevel;
  /** Invocations that may run at once. */
  readonly concurrency: number;
}

/** A function and its instances. */
export interface LambdaFunction extends FunctionConfiguration {
  readonly instances: Set<Instance>;
  lastVersion: number;
}

/** How a function, version or alias is invoked asynchronously. */
export interface EventInvokeConfig {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  /** ARN of a queue. */
  readonly onFailure: string | undefined;
}

/** All functions, their versions, aliases, permissions and asynchronous settings, by ARN. */
export class Functions {
  readonly #byArn = new Map<string, LambdaFunction>();
  readonly #permissions = new Map<string, object[]>();
  readonly #eventInvokeConfigs = new Map<string, EventInvokeConfig>();

  /** Throws `ResourceConflictException`. */
  add(configuration: FunctionConfiguration): void {
    if (this.#byArn.has(configuration.arn)) {
      throw new Fault('ResourceConflictException', `Function already exist: ${configuration.name}`, 409);
    }
    this.#byArn.set(configuration.arn, { ...configuration, instances: new Set(), lastVersion: 0 });
  }

  /** What runs goes on as it was; every later invocation gets a new instance. */
  update(configuration: FunctionConfiguration): void {
    const target = this.withArn(configuration.arn);
    if (target.lastVersion > 0) throw new NotModelled(`Changing the function ${target.name}, which has versions,`);
    Object.assign(target, configuration);
    for (const instance of target.instances) {
      instance.retire();
      if (instance.isDead) target.instances.delete(instance);
    }
  }

  /** Gives a function another, qualified ARN: that of a version or alias. */
  qualify(qualifiedArn: string, target: LambdaFunction): void {
    this.#byArn.set(qualifiedArn, target);
  }

  /** Throws `ResourceNotFoundException`. */
  withArn(arn: string): LambdaFunction {
    const found = this.#byArn.get(arn);
    if (found === undefined) throw new Fault('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    return found;
  }

  get all(): readonly LambdaFunction[] {
    return [...new Set(this.#byArn.values())];
  }

  addPermission(arn: string, statement: object): void {
    this.withArn(arn);
    this.#permissions.set(arn, [...(this.#permissions.get(arn) ?? []), statement]);
  }

  /** The resource policy of a function, version or alias. */
  policyOf(arn: string): object | undefined {
    const statements = this.#permissions.get(arn);
    return statements && { Version: '2012-10-17', Statement: statements };
  }

  configureEventInvoke(arn: string, configuration: EventInvokeConfig): void {
    this.withArn(arn);
    this.#eventInvokeConfigs.set(arn, configuration);
  }

  eventInvokeConfigOf(arn: string): EventInvokeConfig | undefined {
    return this.#eventInvokeConfigs.get(arn);
  }
}
