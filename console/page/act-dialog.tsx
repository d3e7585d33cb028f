/** @jsxRuntime automatic @jsxImportSource preact */
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Act, ActTold, Foreseen } from '../acts.ts';
import type { ServiceDocument } from '../documents.ts';
import { choicesOf, type Choice } from './act-choices.ts';
import { askAct, askForeseen, type Answered } from './asks.ts';
import { Dialog } from './dialog.tsx';
import { usualSeconds } from './measures.ts';
import { useShown } from './shown.ts';
import { nowThere } from './store.ts';
import { imageName, shortDigest, span } from './words.ts';

/** As long as the flow takes a reason. */
const REASON_MAX = 256;

interface Given {
  readonly act: Act;
  readonly document: ServiceDocument;
  readonly onClose: () => void;
  /** Told what came of it. */
  readonly onDone: (message: string) => void;
}

/** What an act would change, what follows, and why it is to be: nothing is done before all three were seen. */
export function ActDialog(given: Given) {
  const { act, document, onClose } = given;
  const { service } = document;
  const choices = useMemo(() => choicesOf(act, document, nowThere()), [act, service]);
  const [chosen, choose] = useState<Choice | undefined>(choices[0]);
  const { foreseen, trouble, isSent, reason, setReason, field, send } = useAct(given, chosen);
  const isReady = reason.trim() !== '' && foreseen?.isPossible === true && !isSent;
  return (
    <Dialog title={titleOf(act, service, foreseen)} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Heading act={act} service={service} foreseen={foreseen} />
        {choices.length > 1 ? <Choices choices={choices} chosen={chosen} choose={choose} /> : null}
        <Difference foreseen={foreseen} usual={act === 'rollback' ? usualSeconds(document.history) : undefined} />
        <ReasonField act={act} reason={reason} setReason={setReason} field={field} trouble={trouble} />
        {foreseen ? (
          <section>
            <code class="quiet">
              {foreseen.command} --reason "{reason.trim() === '' ? '…' : reason.trim()}"
            </code>
          </section>
        ) : null}
        <footer>
          <button type="button" class="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="btn main" aria-disabled={isReady ? undefined : 'true'}>
            {isSent ? 'Asking…' : confirmOf(act, foreseen)}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** One act from its difference to what came of it. */
function useAct({ act, document: { service }, onDone }: Given, chosen: Choice | undefined) {
  const { foreseen, trouble, show, tell } = useForeseen(service, act, chosen);
  const [reason, setReason] = useState('');
  const [isSent, setSent] = useState(false);
  const requestId = useRef(crypto.randomUUID());
  const field = useRef<HTMLInputElement>(null);
  const hear = (told: Answered<ActTold>): void => {
    if ('failure' in told) return tell(told.failure);
    if (told.answer.kind === 'done') return onDone(told.answer.message);
    // What comes next is another act than the one that was refused.
    requestId.current = crypto.randomUUID();
    if (told.answer.kind === 'refused') return tell(told.answer.message);
    show(told.answer.foreseen);
    tell('The world changed meanwhile. Nothing was done: look at the new difference, then ask again.');
  };
  const send = async (): Promise<void> => {
    if (reason.trim() === '') {
      tell('Say why: it is the first thing whoever comes next will ask.');
      return field.current?.focus();
    }
    if (!foreseen?.isPossible || isSent) return;
    setSent(true);
    const { fingerprint } = foreseen;
    const named = chosen?.digest === undefined ? {} : { digest: chosen.digest };
    const request = { service, act, ...named, reason: reason.trim(), fingerprint, requestId: requestId.current };
    const told = await askAct(request);
    setSent(false);
    hear(told);
  };
  return { foreseen, trouble, isSent, reason, setReason, field, send };
}

function ReasonField({
  act,
  reason,
  setReason,
  field,
  trouble,
}: {
  readonly act: Act;
  readonly reason: string;
  readonly setReason: (reason: string) => void;
  readonly field: RefObject<HTMLInputElement | null>;
  readonly trouble: string;
}) {
  return (
    <section>
      <div class="field">
        <label for="reason">
          <b>Why</b>
          <span class="quiet"> required; it is recorded and announced, so nothing secret</span>
        </label>
        <input
          ref={field}
          id="reason"
          autocomplete="off"
          maxLength={REASON_MAX}
          placeholder={act === 'rollback' ? 'p99 doubled after the last release' : 'one line, for the history'}
          aria-describedby="reason-hint"
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <div class="row" id="reason-hint">
          <p class="trouble" role="alert">
            {trouble}
          </p>
          <span>{REASON_MAX - reason.length} left</span>
        </div>
      </div>
    </section>
  );
}

/** What the act would do with the chosen image, asked anew for each. */
function useForeseen(service: string, act: Act, chosen: Choice | undefined) {
  const [foreseen, show] = useState<Foreseen | undefined>();
  const [trouble, tell] = useState('');
  const digest = chosen?.digest;
  useEffect(() => {
    let isMeant = true;
    show(undefined);
    tell('');
    void askForeseen({ service, act, ...(digest !== undefined && { digest }) }).then((told) => {
      if (!isMeant) return;
      if ('failure' in told) tell(told.failure);
      else show(told.answer);
    });
    return () => {
      isMeant = false;
    };
  }, [service, act, digest]);
  return { foreseen, trouble, show, tell };
}

function Heading({
  act,
  service,
  foreseen,
}: {
  readonly act: Act;
  readonly service: string;
  readonly foreseen: Foreseen | undefined;
}) {
  const { place } = useShown();
  return (
    <header>
      <p class="quiet">as {place.caller}</p>
      <h2>{titleOf(act, service, foreseen)}</h2>
    </header>
  );
}

function titleOf(act: Act, service: string, foreseen: Foreseen | undefined): string {
  const to = foreseen?.to ? ` ${imageName(foreseen.to)}` : '';
  switch (act) {
    case 'rollback':
      return `Roll ${service} back${to === '' ? '' : ` to${to}`}?`;
    case 'start':
      return `Roll out${to} on ${service}?`;
    case 'abort':
      return `Abort the rollout${foreseen?.from ? ` of ${imageName(foreseen.from)}` : ''} on ${service}?`;
    case 'release':
      return `Follow pushes again on ${service}?`;
    case 'acknowledge':
      return `You look at ${service}?`;
  }
}

function confirmOf(act: Act, foreseen: Foreseen | undefined): string {
  const to = foreseen?.to ? ` ${imageName(foreseen.to)}` : '';
  switch (act) {
    case 'rollback':
      return `Roll back to${to}`;
    case 'start':
      return `Start${to}`;
    case 'abort':
      return to === '' ? 'Abort' : `Abort, put${to} back`;
    case 'release':
      return 'Release';
    case 'acknowledge':
      return 'Acknowledge';
  }
}

function Choices({
  choices,
  chosen,
  choose,
}: {
  readonly choices: readonly Choice[];
  readonly chosen: Choice | undefined;
  readonly choose: (choice: Choice) => void;
}) {
  return (
    <section>
      <div class="pick" role="radiogroup" aria-label="Image">
        {choices.map((choice) => (
          <label key={choice.digest ?? ''}>
            <input type="radio" name="image" checked={choice === chosen} onChange={() => choose(choice)} />
            <b>{choice.name}</b>
            <span class="mono quiet d">{choice.digest === undefined ? '' : shortDigest(choice.digest)}</span>
            <span class="quiet">{choice.note}</span>
          </label>
        ))}
      </div>
    </section>
  );
}

function Difference({
  foreseen,
  usual,
}: {
  readonly foreseen: Foreseen | undefined;
  readonly usual: number | undefined;
}) {
  if (!foreseen)
    return (
      <section aria-busy="true">
        <div class="skel wide" />
        <div class="skel narrow" />
      </section>
    );
  const { from, to, changes, consequences, cautions, isPossible, message } = foreseen;
  if (!isPossible)
    return (
      <section>
        <p class="trouble">{message}</p>
      </section>
    );
  return (
    <>
      <section>
        <dl class="diff">
          <div>
            <dt>image</dt>
            <dd>
              <ImageChange from={from} to={to} />
            </dd>
          </div>
          <div>
            <dt>changes</dt>
            <dd class={changes.length > 0 ? 'mono' : 'quiet'}>
              {changes.length > 0 ? changes.join(', ') : 'none to the task definition'}
            </dd>
          </div>
        </dl>
      </section>
      <section>
        <ul class="then">
          {[
            ...consequences,
            ...(usual === undefined ? [] : [`Rollouts here usually take ${span(usual)}.`]),
            ...cautions,
          ].map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </section>
    </>
  );
}

function ImageChange({ from, to }: Pick<Foreseen, 'from' | 'to'>) {
  if (from?.digest === to?.digest)
    return (
      <>
        <span class="mono">{from ? lineOf(from) : 'none'}</span> <span class="quiet">stays</span>
      </>
    );
  return (
    <>
      {from ? <del>{lineOf(from)}</del> : null}
      {to ? <ins>{lineOf(to)}</ins> : null}
    </>
  );
}

function lineOf(image: NonNullable<Foreseen['to']>): string {
  return `${image.tag ?? ''}  ${shortDigest(image.digest)}`.trim();
}
