import type { CallFaults } from '../faults/call-faults.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  Fault,
  isLater,
  later,
  NotModelled,
  whenEnded,
  type Authorize,
  type Caller,
  type Later,
  type Operation,
  type PermissionRequest,
  type Service,
} from '../service.ts';
import { IdempotentAnswers } from './idempotency.ts';
import { operationShape } from './sdk-clients.ts';
import type { OperationShape } from './sdk-shapes.ts';

/** One API call as the region remembers it. */
export interface LoggedCall {
  /** Virtual milliseconds since the epoch. */
  readonly at: number;
  readonly caller: Caller | undefined;
  readonly service: string;
  readonly operation: string;
  /** `ok`, or the code of the fault that was answered. */
  readonly outcome: string;
  readonly permissions: readonly { readonly action: string; readonly resource: string }[];
}

/** A call that was applied, with everything that it said and was answered: what CloudTrail would have of it, and more. */
export interface AppliedCall {
  /** Virtual milliseconds since the epoch. */
  readonly at: number;
  readonly caller: Caller | undefined;
  readonly service: string;
  readonly operation: string;
  readonly input: object;
  readonly output: object;
}

/** How much of the real joints has been used. */
export interface Counters {
  wireCalls: number;
  iamEvaluations: number;
  schemaChecks: number;
}

/** What the SDK's clients get for an operation that the region lacks; status 400, so that nobody tries again. */
export const NOT_MODELLED_CODE = 'NotModelled';

/** A region may run for days: older calls are forgotten. */
const CALLS_KEPT = 20_000;

/** Calls are judged by each resource and remembered with it: so many, and names of this length (an ARN has at most 2,048 characters). */
const RESOURCES_MAX = 1_000;
const RESOURCE_CHARACTERS_MAX = 2_048;

/** One call to apply: who, what, and how its input is read and its output written. */
export interface Request<Answer> {
  readonly caller: Caller | undefined;
  readonly service: string;
  readonly operation: string;
  read(shape: OperationShape): object;
  write(shape: OperationShape, output: object): Answer;
}

export interface DispatcherOptions {
  readonly kernel: Kernel;
  readonly services: ReadonlyMap<string, Service>;
  readonly authorize: Authorize;
  /** Called at the instant at which a call was applied. */
  readonly onApplied: (call: AppliedCall) => void;
  /** @default nothing goes wrong */
  readonly faults?: Pick<CallFaults, 'beforeApply' | 'afterApply'> | undefined;
}

/** A call that was applied; its output may come later. */
interface Applied {
  readonly input: object;
  readonly output: object;
  readonly shape: OperationShape;
  /** An earlier call with the same idempotency token was applied, and this one has its answer. */
  readonly isRepeated: boolean;
}

/** Finds the operation, checks its schema on both sides, asks IAM, applies; the same for the wire and for calls in process. */
export class Dispatcher {
  readonly counters: Counters = { wireCalls: 0, iamEvaluations: 0, schemaChecks: 0 };
  readonly calls: LoggedCall[] = [];
  readonly #options: DispatcherOptions;
  readonly #idempotent: IdempotentAnswers;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#idempotent = new IdempotentAnswers(options.kernel);
  }

  /** Applies the call at the present instant; throws the `Fault` that AWS would answer. */
  async perform<Answer extends object>(request: Request<Answer>): Promise<Answer | Later<Answer>> {
    const permissions: PermissionRequest[] = [];
    try {
      const applied = await this.#applied(request, permissions);
      const { output } = applied;
      if (isLater(output)) return this.#later(request, permissions, applied, output);
      return this.#finished(request, permissions, applied);
    } catch (error) {
      throw this.#refused(request, permissions, error);
    }
  }

  #later<Answer extends object>(
    request: Request<Answer>,
    permissions: readonly PermissionRequest[],
    applied: Applied,
    output: Later<object>,
  ): Later<Answer> {
    const end = (outcome: object): Answer | Fault => {
      if (outcome instanceof Fault) return this.#refused(request, permissions, outcome);
      try {
        return this.#finished(request, permissions, { ...applied, output: outcome });
      } catch (error) {
        // A fault that strikes after the call was applied is an answer like any other.
        if (error instanceof Fault) return this.#refused(request, permissions, error);
        return internalFailure(this.#options.kernel, error, `${request.service}:${request.operation}`);
      }
    };
    return later((onEnd) => whenEnded(output, (outcome) => onEnd(end(outcome))));
  }

  #finished<Answer>(
    request: Request<Answer>,
    permissions: readonly PermissionRequest[],
    { input, output, shape, isRepeated }: Applied,
  ): Answer {
    const { caller, service, operation } = request;
    const { kernel, onApplied, faults } = this.#options;
    if (!isRepeated) onApplied({ at: kernel.now, caller, service, operation, input, output });
    faults?.afterApply(request);
    this.counters.schemaChecks++;
    const answer = request.write(shape, output);
    this.#log(request, 'ok', permissions);
    return answer;
  }

  #refused(request: Request<unknown>, permissions: readonly PermissionRequest[], error: unknown): Fault {
    const fault = asFault(error);
    this.#log(request, fault.code, permissions);
    return fault;
  }

  /** The service that takes this operation from callers who do not sign, and so do not name it. */
  openServiceOf(operation: string): string | undefined {
    const services = [...this.#options.services.values()];
    return services.find(({ operations }) => Object.hasOwn(operations, operation) && operations[operation]!.isOpen)?.id;
  }

  async #applied(request: Request<unknown>, permissions: PermissionRequest[]): Promise<Applied> {
    const { caller } = request;
    const isOpen = caller === undefined && this.openServiceOf(request.operation) === request.service;
    if (caller === undefined && !isOpen)
      throw new Fault('UnrecognizedClientException', 'The security token included in the request is invalid.');
    const { operation: present, shape } = this.#find(request.service, request.operation);
    const operation = this.#options.faults?.beforeApply(request, present) ?? present;
    this.counters.schemaChecks++;
    const input = request.read(shape);
    // An open operation asks for no permission and does not look at its caller.
    permissions.push(...bounded(operation.permissions(input as never, caller!)));
    for (const permission of permissions) this.#demand(caller!, permission);
    const { output, isRepeated } = await this.#idempotent.answer(request.service, shape, input, (rest) =>
      operation.apply(rest as never, caller!),
    );
    return { input, output, shape, isRepeated };
  }

  #find(serviceId: string, name: string): { operation: Operation; shape: OperationShape } {
    const service = this.#options.services.get(serviceId);
    if (service === undefined) throw new NotModelled(`The service ${serviceId}`);
    if (Object.keys(service.operations).length === 0) throw new NotModelled(`The API of ${serviceId}`);
    const shape = operationShape(serviceId, name);
    if (shape === undefined)
      throw new Fault(
        'UnknownOperationException',
        `${serviceId} has no operation ${name === '' ? '(none named)' : name}`,
      );
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (operation === undefined) throw new NotModelled(`The operation ${serviceId}:${name}`);
    return { operation, shape };
  }

  #demand(caller: Caller, permission: PermissionRequest): void {
    this.counters.iamEvaluations++;
    const decision = this.#options.authorize(caller, permission);
    if (!decision.isAllowed) throw new Fault('AccessDeniedException', decision.reason);
  }

  #log(request: Request<unknown>, outcome: string, permissions: readonly PermissionRequest[]): void {
    const { caller, service, operation } = request;
    const asked = permissions.map(({ action, resource }) => ({ action, resource }));
    this.calls.push({ at: this.#options.kernel.now, caller, service, operation, outcome, permissions: asked });
    if (this.calls.length > CALLS_KEPT) this.calls.splice(0, CALLS_KEPT / 2);
  }
}

function bounded(asked: readonly PermissionRequest[]): readonly PermissionRequest[] {
  if (asked.length > RESOURCES_MAX) throw new NotModelled(`A call about more than ${RESOURCES_MAX} resources`);
  if (asked.some(({ resource }) => resource.length > RESOURCE_CHARACTERS_MAX))
    throw new NotModelled(`A name that makes an ARN of more than ${RESOURCE_CHARACTERS_MAX} characters`);
  return asked;
}

/** What AWS answers for what it did not foresee itself; throws `error` where defects end the run. */
export function internalFailure(kernel: Kernel, error: unknown, where: string): Fault {
  return new Fault('InternalFailure', kernel.contain(error, where), 500);
}

/** Faults are answers; anything else that was thrown is a defect of the region and goes on to whoever runs the kernel. */
function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof NotModelled) return new Fault(NOT_MODELLED_CODE, error.message);
  throw error;
}
