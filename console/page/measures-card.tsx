/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren } from 'preact';
import type { RolloutRecord } from '../documents.ts';
import {
  isRestored,
  MEASURED_DAYS,
  MEASURED_FROM,
  measuresOf,
  placeIn,
  secondsOf,
  trailingRate,
  weeksOf,
  type Measures,
} from './measures.ts';
import { count, median, span } from './words.ts';

/** Four measures of a service, each with what it is made of. */
export function MeasuresCard({ history, now }: { readonly history: readonly RolloutRecord[]; readonly now: number }) {
  const measures = measuresOf(history, now);
  const { counted, proven, failed, leadSeconds, restoreSeconds, isOpen } = measures;
  if (counted.length < MEASURED_FROM)
    return (
      <section class="card o5">
        <header>
          <h2>Measures</h2>
        </header>
        <p class="body sub">
          {count(counted.length, 'rollout')} in {MEASURED_DAYS} days. Measures begin with the fifth.
        </p>
      </section>
    );
  const pushes = proven.filter(({ intent }) => intent === 'push');
  return (
    <section class="card o5" aria-label={`Measures, ${MEASURED_DAYS} days`}>
      <h2 class="vh">Measures, {MEASURED_DAYS} days</h2>
      <div class="measures">
        <Measure
          name="Deployments"
          value={(proven.length / (MEASURED_DAYS / 7)).toFixed(1)}
          unit="a week"
          how={`${proven.length} proven in ${MEASURED_DAYS} days, ${failed.length} failed on top, by week`}
        >
          <Weeks measures={measures} now={now} />
        </Measure>
        <Measure
          name="Failure rate"
          value={`${Math.round((failed.length / counted.length) * 100)} %`}
          unit={`${failed.length} of ${counted.length}`}
          how="of the last ten, over time; refused pushes do not count"
        >
          <Rate measures={measures} now={now} />
        </Measure>
        <Measure
          name="Push to live"
          value={leadSeconds === undefined ? '–' : span(leadSeconds)}
          unit={leadSeconds === undefined ? '' : 'median'}
          how="from the push until every task was proven"
        >
          <Dots records={pushes} look="good" now={now} />
        </Measure>
        <Measure
          name="Time to restore"
          value={restoreSeconds === undefined ? '–' : span(restoreSeconds)}
          unit={isOpen ? 'one is open' : restoreSeconds === undefined ? 'no failure' : 'median'}
          how="from the push that failed until the proven image was back"
        >
          <Dots records={failed.filter(isRestored)} look="bad" now={now} />
        </Measure>
      </div>
    </section>
  );
}

function Measure({
  name,
  value,
  unit,
  how,
  children,
}: {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly how: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="measure">
      <h3>{name}</h3>
      <p class="n">
        {value} <small>{unit}</small>
      </p>
      <svg class="spark" viewBox="0 0 182 36" preserveAspectRatio="none" aria-hidden="true">
        <path class="base" d="M0 35.5H182" />
        {children}
      </svg>
      <p class="how">{how}</p>
    </div>
  );
}

function Weeks({ measures, now }: { readonly measures: Measures; readonly now: number }) {
  const weeks = weeksOf(measures, now);
  const unit = 33 / Math.max(1, ...weeks.map((week) => week.proven + week.failed));
  return (
    <>
      {weeks.map((week, index) => (
        <g key={index}>
          <rect class="good" x={index * 14 + 1} y={35 - week.proven * unit} width="11" height={week.proven * unit} />
          <rect
            class="bad"
            x={index * 14 + 1}
            y={35 - (week.proven + week.failed) * unit}
            width="11"
            height={Math.max(0, week.failed * unit - 1)}
          />
        </g>
      ))}
    </>
  );
}

function Rate({ measures, now }: { readonly measures: Measures; readonly now: number }) {
  const points = trailingRate(measures, now).map(({ place, rate }) => [2 + place * 178, 35 - rate * 66] as const);
  const path = points.map(([x, y], index) =>
    index === 0 ? `M${x.toFixed(1)} ${y.toFixed(1)}` : `H${x.toFixed(1)}V${y.toFixed(1)}`,
  );
  return <path class={`rate${points.some(([, y]) => y < 35) ? ' bad' : ''}`} d={`${path.join('')}H182`} />;
}

/** A dot for each rollout: a median of two says less than two dots. */
function Dots({
  records,
  look,
  now,
}: {
  readonly records: readonly RolloutRecord[];
  readonly look: string;
  readonly now: number;
}) {
  const most = Math.max(1, ...records.map(secondsOf)) * 1.05;
  const down = (seconds: number): number => 35 - (seconds / most) * 33;
  const middle = median(records.map(secondsOf));
  return (
    <>
      {middle === undefined ? null : <path class={`middle ${look}`} d={`M0 ${down(middle)}H182`} />}
      {records.map((one) => (
        <path
          key={one.rolloutId}
          class={`spot ${look}`}
          d={`M${2 + placeIn(one.endedAt, now) * 178} ${down(secondsOf(one))}h.01`}
        />
      ))}
    </>
  );
}
