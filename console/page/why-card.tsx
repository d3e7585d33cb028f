/** @jsxRuntime automatic @jsxImportSource preact */
import { useEffect, useRef } from 'preact/hooks';
import type { FailedTask, RolloutDocument } from '../documents.ts';
import { Card, Facts } from './cards.tsx';
import { executionLink, taskLink } from './links.ts';
import { alike, ranSeconds } from './told.ts';
import { count, span } from './words.ts';

const SUSPECT = /\b(ERROR|FATAL|CRITICAL|Traceback|panic)\b|[A-Za-z](Error|Exception)\b/;

/** Why a rollout failed: exit code, container, how many alike, and what it said last. */
export function WhyCard({ document }: { readonly document: RolloutDocument }) {
  const { record, chronicle } = document;
  const [failed] = record!.failedTasks;
  if (!failed) return null;
  const { container, exitCode, stopCode, reason, taskArn, logLines, logNote, logCommand } = failed;
  const ran = ranSeconds(chronicle, failed);
  const others = alike(chronicle, failed);
  return (
    <Card title="Why" look="cause o1">
      <p class="n">{exitCode === null ? headingOf(stopCode) : `exit ${exitCode}`}</p>
      <p class="sub alike">
        {container === null ? '' : `container ${container}`}
        {ran === undefined ? '' : `, ${span(ran)} after it started`}
        {others === undefined ? '' : `; ${others.same} of ${count(others.all, 'new task')} alike`}
      </p>
      {logLines && logLines.length > 0 ? <LogLines lines={logLines} /> : null}
      <Facts
        facts={[
          logLines && logLines.length > 0
            ? ['Log', `its last ${count(logLines.length, 'line')}`]
            : logNote
              ? ['Log', logNote]
              : undefined,
          logCommand ? ['More', <code key="more">{logCommand}</code>] : undefined,
          stopCode === null ? undefined : ['Stop code', stopCode],
          reason === null ? undefined : ['Reason', reason],
          [
            'Task',
            <span key="task" class="mono">
              {taskArn.slice(taskArn.lastIndexOf('/') + 1).slice(0, 8)}
            </span>,
          ],
          ['Console', <Links key="links" taskArn={taskArn} executionArn={document.executionArn} />],
        ]}
      />
    </Card>
  );
}

function headingOf(stopCode: string | null): string {
  return stopCode === 'EssentialContainerExited' ? 'exit code unknown' : (stopCode ?? 'not healthy');
}

function Links({ taskArn, executionArn }: { readonly taskArn: string; readonly executionArn: string }) {
  const links = [
    ['task', taskLink(taskArn)],
    ['execution', executionLink(executionArn)],
  ] as const;
  return (
    <>
      {links.map(([name, href], index) =>
        href === undefined ? null : (
          <span key={name}>
            {index === 0 ? '' : ' · '}
            <a class="u" href={href} target="_blank" rel="noreferrer">
              {name}
            </a>
          </span>
        ),
      )}
    </>
  );
}

/** The last lines, open at their end. */
function LogLines({ lines }: { readonly lines: NonNullable<FailedTask['logLines']> }) {
  const ref = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (ref.current) ref.current.scrollTop = ref.current.scrollHeight;
  }, [lines]);
  return (
    <pre class="log" ref={ref} tabIndex={0} aria-label="Last log lines of the failed container">
      {lines.map((text, index) => (
        <span key={index} class={SUSPECT.test(text) ? 'hot' : ''}>
          {text}
        </span>
      ))}
    </pre>
  );
}
