import { LogQueryWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { functionLogGroup } from '../configuration/names.ts';
import { ENDED, STANDING, type EndedLine, type StandingLine } from '../functions/rollout/told-lines.ts';
import type { Cell } from './cell.ts';
import type { HandlerName } from './handler-table.ts';

/** A query reads 50 log groups at most (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AnalyzingLogData.html). */
const LOG_GROUPS_MAX = 50;

const standing = (member: keyof StandingLine): string => `standing.${member}`;
const ended = (member: keyof EndedLine): string => `ended.${member}`;

const STANDING_COLUMNS = ['image', 'revision', 'since', 'rollout', 'pin', 'waiting', 'quarantined'] as const;

/** What every service was proven to run last, and who has or holds it: the newest line of each. */
export function standingWidgets(cells: readonly Cell[]): LogQueryWidget[] {
  const latest = STANDING_COLUMNS.map((column) => `latest(${standing(column)}) as ${columnName(column)}`);
  return queryWidgets(cells, ['tick', 'conclude'], {
    title: 'What runs, as rollouts have proven it, and who has the service or holds it',
    height: (services) => Math.min(3 + services, 12),
    lines: [
      `filter message = "${STANDING}"`,
      `stats ${latest.join(', ')} by rolloutService as service`,
      'sort service asc',
    ],
  });
}

/** What a column is called where the member's own name says too little. */
function columnName(column: (typeof STANDING_COLUMNS)[number]): string {
  return column === 'pin' ? 'pinned' : column;
}

/** How the last rollouts ended, and why; those that had nothing to roll left out. Conclude may tell of one again. */
export function endedWidgets(cells: readonly Cell[]): LogQueryWidget[] {
  const columns = [
    'rolloutService as service',
    `${ended('outcome')} as outcome`,
    `${ended('image')} as image`,
    `${ended('reason')} as reason`,
    `${ended('message')} as cause`,
    `${ended('startedBy')} as startedBy`,
    `${ended('seconds')} as seconds`,
    `${ended('rolloutId')} as rollout`,
  ];
  return queryWidgets(cells, ['conclude'], {
    title: 'Last outcomes and their causes',
    height: () => 8,
    lines: [
      `filter message = "${ENDED}" and ${ended('outcome')} not in ["NO_CHANGE", "SUPERSEDED"]`,
      `fields @timestamp, ${columns.join(', ')}`,
      'sort @timestamp desc',
      'dedup rollout',
      'limit 50',
    ],
  });
}

interface Query {
  readonly title: string;
  readonly height: (services: number) => number;
  readonly lines: string[];
}

function queryWidgets(
  cells: readonly Cell[],
  handlers: readonly HandlerName[],
  { title, height, lines }: Query,
): LogQueryWidget[] {
  const parts = inPartsOf(Math.floor(LOG_GROUPS_MAX / handlers.length), cells);
  return parts.map(
    (part, index) =>
      new LogQueryWidget({
        title: parts.length === 1 ? title : `${title} (${index + 1} of ${parts.length})`,
        logGroupNames: part.flatMap(({ stackName }) => handlers.map((one) => functionLogGroup(stackName, one))),
        queryLines: lines,
        width: 24,
        height: height(part.length),
      }),
  );
}

/** The same things, at most so many together. */
export function inPartsOf<T>(size: number, all: readonly T[]): T[][] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size));
}
