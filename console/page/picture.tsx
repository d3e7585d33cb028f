/** @jsxRuntime automatic @jsxImportSource preact */
import { useMemo, useRef, useState } from 'preact/hooks';
import { placeOf } from '../../picture/axis.ts';
import { servedIn, totalOf, type Served } from '../../picture/serving.ts';
import { elapsed } from '../../picture/times.ts';
import type { RolloutDocument } from '../documents.ts';
import { useWidth } from './hooks.ts';
import { pictureOf, pictureOfEvery, type RolloutPicture } from './picture-of.ts';
import { asOf, episodeOf, isLaunch, leastServed } from './rollout-facts.ts';
import { MarksSvg, SceneSvg } from '../../picture/scene-svg.tsx';
import { useShown } from './shown.ts';
import { wallTime } from './times.ts';
import { count, span } from './words.ts';

/** A rollout as a picture; in a file that somebody keeps, as one that needs no script. */
export function Picture(given: PictureGiven) {
  const { isReport } = useShown();
  return isReport ? <KeptPicture {...given} /> : <LivePicture {...given} />;
}

interface PictureGiven {
  readonly document: RolloutDocument;
  readonly now: number;
  readonly usualSeconds: number | undefined;
}

function KeptPicture({ document, now }: PictureGiven) {
  const { marks, scene } = pictureOfEvery(document, now);
  return (
    <>
      <div class="plot-room">
        <figure class="plot">
          {marks.map(({ band, marks: own }) => (
            <MarksSvg key={band.name} marks={own} band={band.name} />
          ))}
          <SceneSvg scene={scene} label="The rollout in time. The tables tell the same." />
        </figure>
      </div>
      <p class="readout">
        <ServedLine document={document} now={now} />
      </p>
    </>
  );
}

/** Point at it, or go from event to event with the arrow keys, for any moment. */
function LivePicture({ document, now, usualSeconds }: PictureGiven) {
  const [ref, width] = useWidth<HTMLElement>();
  const picture = useMemo(
    () => pictureOf(document, width, now, { usualSeconds }),
    [document, width, now, usualSeconds],
  );
  const [cursor, setCursor] = useState<number | undefined>();
  const at = useRef(-1);
  const onKey = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    at.current = Math.min(Math.max(at.current + step, 0), picture.moments.length - 1);
    setCursor(picture.moments[at.current]);
  };
  const onMove = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const fraction = (event.clientX - box.left - picture.band.gutter) / (box.width - picture.band.gutter);
    setCursor(fraction < 0 ? undefined : Math.min(picture.to * fraction, episodeOf(asOf(document, now)).to));
  };
  return (
    <>
      <figure
        ref={ref}
        class={`plot band-${picture.band.name}`}
        tabIndex={0}
        role="group"
        aria-label={`Picture of rollout ${document.rolloutId.slice(0, 8)}, from left to right. Arrow keys go from event to event.`}
        onKeyDown={onKey}
        onPointerMove={onMove}
        onPointerLeave={() => setCursor(undefined)}
        onBlur={() => setCursor(undefined)}
      >
        {width === 0 ? null : <Drawn picture={picture} cursor={cursor} />}
      </figure>
      <p class="readout" aria-live="polite">
        {cursor === undefined ? (
          <ServedLine document={document} now={now} />
        ) : (
          <Readout document={document} now={now} at={cursor} />
        )}
      </p>
    </>
  );
}

function Drawn({ picture, cursor }: { readonly picture: RolloutPicture; readonly cursor: number | undefined }) {
  const { scene, marks, from, to } = picture;
  const place =
    cursor === undefined
      ? undefined
      : placeOf({ from, to, parts: [{ from, to, left: 0, right: 1, isBreak: false }] }, cursor);
  return (
    <>
      <MarksSvg marks={marks} />
      <div class="drawn">
        <SceneSvg scene={scene} label="The rollout in time. The table below tells the same." />
        {place === undefined ? null : (
          <svg class="cross" width="100%" height={scene.height} aria-hidden="true">
            <line x1={`${place * 100}%`} x2={`${place * 100}%`} y1="18" y2={scene.height - 18} />
          </svg>
        )}
      </div>
    </>
  );
}

/** What was at a moment. */
function Readout({
  document,
  now,
  at,
}: {
  readonly document: RolloutDocument;
  readonly now: number;
  readonly at: number;
}) {
  const { zone } = useShown();
  const chronicle = asOf(document, now);
  const served: Served | undefined = servedIn(chronicle, episodeOf(chronicle)).findLast((one) => one.at <= at);
  const state = chronicle.rollouts[0]!.states.findLast(({ enteredAt }) => enteredAt <= at)?.name;
  const decided = chronicle.events.find((event) => Math.abs(event.at - at) < 0.4);
  return (
    <>
      <b>{elapsed(at, 1)}</b> · {wallTime(chronicle.beganAt + at * 1000, zone)} ·{' '}
      <b>
        {served ? totalOf(served) : 0} of {served?.desiredCount ?? 0}
      </b>{' '}
      serve ({served?.counts.proven ?? 0} proven, {served?.counts.trial ?? 0} new)
      {state === undefined ? '' : ` · ${state}`}
      {decided === undefined ? '' : ` · ${decided.text}`}
    </>
  );
}

/** The least that served, in a sentence. */
export function ServedLine({ document, now }: { readonly document: RolloutDocument; readonly now: number }) {
  const chronicle = asOf(document, now);
  // What nobody saw is not claimed.
  if (document.gaps.length > 0) return <>{document.gaps.join(' ')}</>;
  if (isLaunch(chronicle)) return <>First launch: nothing served before.</>;
  const { least, wanted, seconds } = leastServed(chronicle);
  if (seconds < 0.4)
    return (
      <>
        <b>At least {count(Math.min(least, wanted), 'task')} served at every moment.</b>
      </>
    );
  return (
    <>
      <b>
        Fewer tasks than wanted served for {span(seconds)}: {least} of {wanted} at the least.
      </b>
    </>
  );
}

/** Only how many serve, drawn small, for a service's own page. */
export function SmallPicture({
  document,
  now,
  usualSeconds,
}: {
  readonly document: RolloutDocument;
  readonly now: number;
  readonly usualSeconds: number | undefined;
}) {
  const [ref, width] = useWidth<HTMLElement>();
  const picture = pictureOf(document, width, now, { usualSeconds, isSmall: true });
  return (
    <figure ref={ref} class={`plot small band-${picture.band.name}`}>
      {width === 0 ? null : <SceneSvg scene={picture.scene} label="How many tasks serve, in time" />}
    </figure>
  );
}
