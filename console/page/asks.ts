import type { ActRequest, ActTold, Foreseen } from '../acts.ts';
import { parsed } from './store.ts';

/** What came of a question: an answer, or why there is none. */
export type Answered<Answer> = { readonly answer: Answer } | { readonly failure: string };

/** Asks what an act would do. */
export async function askForeseen({ service, act, digest = '' }: ActRequest): Promise<Answered<Foreseen>> {
  return await ask<Foreseen>(`/foresee?${new URLSearchParams({ service, act, digest })}`);
}

/** Does it. */
export async function askAct(request: ActRequest): Promise<Answered<ActTold>> {
  return await ask<ActTold>('/act', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
}

async function ask<Answer>(path: string, init: RequestInit = {}): Promise<Answered<Answer>> {
  try {
    const response = await fetch(path, init);
    const text = await response.text();
    return response.ok ? { answer: parsed<Answer>(text) } : { failure: parsed<{ message: string }>(text).message };
  } catch {
    return { failure: 'The console does not answer. Nothing is known of what came of it: look again once it does.' };
  }
}
