import type { Kernel } from '../kernel/kernel.ts';
import { Fault, isLater, whenEnded, type Caller } from '../service.ts';
import { internalFailure, type Dispatcher } from './dispatcher.ts';
import { labelOf, type IdentifiedCall, type Parks } from './parks.ts';
import type { OperationShape } from './sdk-shapes.ts';

/** A call that comes without HTTP. */
export interface DirectCall<Answer extends object> {
  /** The signing name. */
  readonly service: string;
  readonly operation: string;
  readonly accessKeyId: string;
  /** The input as the SDK's own request type, read when the call is applied; throws `Fault`. */
  read(shape: OperationShape): object;
  /** What goes back; throws `RegionDefect` when the output is not what the API answers. */
  write(shape: OperationShape, output: object, requestId: string): Answer;
  /** Whether nobody listens any more. */
  isGone(): boolean;
  onAnswer(answer: Answer | Fault, requestId: string): void;
  /** The connection would have been cut. A call that is dropped is never told. */
  onCut(): void;
}

/** The way in for clients in this process: both parks, permissions, checks and faults are those of the wire; HTTP and bodies are not. */
export interface DirectDoor {
  /** Members that may pass although the SDK's schemas do not know them yet. */
  readonly futureFields: ReadonlySet<string>;
  send<Answer extends object>(call: DirectCall<Answer>): void;
}

export interface DirectDoorOptions {
  readonly kernel: Kernel;
  readonly dispatcher: Dispatcher;
  /** Throws the `Fault` that refuses an access key which has expired. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
  readonly futureFields: ReadonlySet<string>;
  readonly parks: Parks;
}

/** Opens it. */
export function createDirectDoor(options: DirectDoorOptions): DirectDoor {
  return { futureFields: options.futureFields, send: (call) => arriveOr(options, call) };
}

/** What nobody foresaw strikes the run in an act of the kernel, as it does on the wire. */
function arriveOr<Answer extends object>(options: DirectDoorOptions, call: DirectCall<Answer>): void {
  try {
    arrive(options, call);
  } catch (error) {
    const { kernel } = options;
    const label = 'a call that could not be taken in';
    kernel.after(0, 'arrive', label, () => call.onAnswer(internalFailure(kernel, error, label), kernel.random.uuid()));
  }
}

function arrive<Answer extends object>(options: DirectDoorOptions, call: DirectCall<Answer>): void {
  const { dispatcher, parks } = options;
  dispatcher.counters.wireCalls++;
  const { caller, refusal } = holderOf(options, call.accessKeyId);
  const { service, operation, accessKeyId } = call;
  const identified: IdentifiedCall = { sequence: parks.next(), service, operation, accessKeyId, caller };
  const lose = (how: 'drop' | 'cut'): void => {
    if (how === 'cut') call.onCut();
  };
  const answer = (of: Answer | Fault, requestId: string): void => {
    const send = (): void => {
      if (call.isGone()) return;
      call.onAnswer(of, requestId);
      parks.answered(identified);
    };
    parks.enter(identified, 'answer', send, lose);
  };
  parks.enter(identified, 'arrive', () => apply(options, call, identified, refusal, answer), lose);
}

function holderOf(
  { callerOf }: DirectDoorOptions,
  accessKeyId: string,
): { readonly caller: Caller | undefined; readonly refusal?: Fault } {
  try {
    return { caller: callerOf(accessKeyId) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { caller: undefined, refusal: error };
  }
}

async function apply<Answer extends object>(
  { dispatcher, kernel }: DirectDoorOptions,
  call: DirectCall<Answer>,
  identified: IdentifiedCall,
  refusal: Fault | undefined,
  answer: (of: Answer | Fault, requestId: string) => void,
): Promise<void> {
  const { service, operation, caller } = identified;
  const requestId = kernel.random.uuid();
  let of: Answer | Fault;
  try {
    if (refusal !== undefined) throw refusal;
    const performed = await dispatcher.perform<Answer>({
      caller,
      service,
      operation,
      read: (shape) => call.read(shape),
      write: (shape, output) => call.write(shape, output, requestId),
    });
    if (isLater(performed)) return whenEnded(performed, (ended) => answer(ended, requestId));
    of = performed;
  } catch (error) {
    of = error instanceof Fault ? error : internalFailure(kernel, error, labelOf(identified));
  }
  answer(of, requestId);
}
