import { isDeepStrictEqual } from 'node:util';
import type { Kernel } from '../kernel/kernel.ts';
import { NotModelled } from '../service.ts';
import type { OperationShape } from './sdk-shapes.ts';

/** For how long Step Functions knows a token of RedriveExecution (API reference); other services say less. */
const KNOWN_FOR_MS = 15 * 60_000;
/** A region may run for days: older tokens are forgotten. */
const TOKENS_KEPT = 1_000;

interface Remembered {
  readonly at: number;
  readonly input: object;
  readonly output: object;
}

/**
 * What was answered to calls with an idempotency token, which SDKs fill in by themselves: a client that did not hear the
 * answer sends the same token again and must get the same answer, without a second effect. Operations never see the token.
 */
export class IdempotentAnswers {
  readonly #answers = new Map<string, Remembered>();
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Answers what `apply` does with the input but for its token; `isRepeated` when it was not asked again. */
  async answer(
    service: string,
    shape: OperationShape,
    given: object,
    apply: (input: object) => object | Promise<object>,
  ): Promise<{ readonly output: object; readonly isRepeated: boolean }> {
    const [token, input] = withoutToken(shape, given);
    if (token === undefined) return { output: await apply(input), isRepeated: false };
    const key = `${service}:${shape.name}:${token}`;
    const before = this.#answers.get(key);
    if (before !== undefined && this.#kernel.now - before.at <= KNOWN_FOR_MS) {
      if (isDeepStrictEqual(before.input, input)) return { output: before.output, isRepeated: true };
      throw new NotModelled(`${shape.name} with the idempotency token of a call that asked for something else`);
    }
    const output = await apply(input);
    this.#remember(key, { at: this.#kernel.now, input, output });
    return { output, isRepeated: false };
  }

  #remember(key: string, answer: Remembered): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    if (this.#answers.size > TOKENS_KEPT) this.#answers.delete(this.#answers.keys().next().value!);
  }
}

function withoutToken({ input: shape }: OperationShape, given: object): [token: string | undefined, input: object] {
  if (shape.kind !== 'structure' || shape.idempotencyToken === undefined) return [undefined, given];
  const { [shape.idempotencyToken]: token, ...input } = given as Record<string, unknown>;
  return [token as string | undefined, input];
}
