import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, it } from 'vitest';
import type { CellVerb } from '../../../cli/account/cell-verb.ts';
import { allCommands } from '../../../cli/main.ts';
import type { DeployedCell } from '../../../cli/account/deployed-cell.ts';
import type { Flags, Verb } from '../../../cli/terminal/command.ts';
import { abort } from '../../../cli/verbs/abort.ts';
import { acknowledge } from '../../../cli/verbs/acknowledge.ts';
import { diff } from '../../../cli/verbs/diff.ts';
import { doctor } from '../../../cli/verbs/doctor.ts';
import { history } from '../../../cli/verbs/history.ts';
import { logs } from '../../../cli/verbs/logs.ts';
import { open } from '../../../cli/verbs/open.ts';
import { pushInstructions } from '../../../cli/verbs/push-instructions.ts';
import { rehearse } from '../../../cli/verbs/rehearse.ts';
import { rehearsalJson, storiesJson } from '../../../cli/verbs/rehearse/rehearsal-json.ts';
import { release } from '../../../cli/verbs/release.ts';
import { rollback } from '../../../cli/verbs/rollback.ts';
import { size } from '../../../cli/verbs/size.ts';
import { estimate } from '../../../cli/verbs/size/estimate.ts';
import { readPrices } from '../../../cli/verbs/size/prices.ts';
import { sizeJson } from '../../../cli/verbs/size/size-json.ts';
import { start } from '../../../cli/verbs/start.ts';
import { status } from '../../../cli/verbs/status.ts';
import { overviewJson } from '../../../cli/verbs/status/overview-json.ts';
import { readOverview } from '../../../cli/verbs/status/overview.ts';
import { wait } from '../../../cli/verbs/wait.ts';
import { watch } from '../../../cli/verbs/watch.ts';
import type { HistoryEntry, LedgerState, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import type { TaskLife } from '../../../functions/rollout/task-lives.ts';
import { FAULTS } from '../../../rehearsal/faults/catalogue.ts';
import { STORIES } from '../../../rehearsal/stories.ts';
import {
  digest,
  image,
  ledger,
  NOW,
  owner,
  pending,
  proven,
  quarantined,
  revision,
  waiting,
} from '../../functions/rollout/given.ts';
import {
  AT,
  BESIDE_AN_AGENT,
  cannedCell,
  type Answers,
  documentOf,
  endedWith,
  executionOf,
  ledgerThat,
  SERVICE,
  session,
} from './canned-cell.ts';
import { BALANCED, PUBLIC_TASKS } from './canned-addresses.ts';
import { listedCalls } from './listed-calls.ts';
import { keptBy, promisesOf } from './met-members.ts';

const record = (changes: Partial<RolloutRecord> = {}): RolloutRecord => ({
  schema: 1,
  rolloutId: 'ended',
  executionArn: executionOf('ended'),
  service: 'default/web',
  outcome: 'ROLLED_BACK',
  reason: 'EssentialContainerExited',
  message: 'It failed.',
  image: image('b'),
  request: undefined,
  isTick: false,
  taskDefinition: revision(2),
  deploymentId: undefined,
  startedAt: NOW - 60_000,
  endedAt: NOW,
  detectionLagSeconds: 0.25,
  ...changes,
});
const NOTHING_ROLLED = record({ image: undefined, taskDefinition: undefined, detectionLagSeconds: undefined });
const byDigest = { digest: digest('c'), selectedAt: NOW };
const FAILED = { taskArn: 'arn:…', taskDefinition: revision(2) };
const FAILED_TASKS = [
  { ...FAILED, container: 'app', exitCode: 1, stopCode: 'EssentialContainerExited', reason: 'It exited.' },
  { ...FAILED, logLines: ['no database'] },
  { ...FAILED, logNote: 'Nobody knows.', logCommand: 'aws logs get-log-events' },
  FAILED,
];
const BARE: TaskLife = { taskId: '2', role: 'before', revision: 'web:1', deploymentId: undefined, containers: [] };
const COURSE: NonNullable<HistoryEntry['course']> = {
  desiredCount: 2,
  tasks: [
    {
      taskId: '1',
      role: 'new',
      revision: 'web:2',
      deploymentId: 'ecs-svc/2',
      createdAt: NOW - 50_000,
      pullStartedAt: NOW - 45_000,
      pullStoppedAt: NOW - 40_000,
      startedAt: NOW - 39_000,
      healthyAt: NOW - 21_000,
      healthyWithinSeconds: 18,
      stoppingAt: NOW - 20_000,
      executionStoppedAt: NOW - 10_000,
      stoppedAt: NOW - 9_000,
      stopCode: 'EssentialContainerExited',
      containers: [{ name: 'app', exitCode: 1, reason: 'OutOfMemoryError' }, { name: 'agent' }],
    },
    BARE,
  ],
  tasksLeftOut: { before: 0, new: 1, back: 0, other: 0 },
  settings: { minimumHealthyPercent: 100, maximumPercent: 200, hasTargets: false, checkSeconds: 30 },
  states: [
    { name: 'AcceptIntent', enteredAt: NOW - 60_000, leftAt: NOW - 59_000 },
    { name: 'AwaitSteadyState', enteredAt: NOW - 59_000, leftAt: NOW - 1_000 },
  ],
  decisions: [
    { at: NOW - 59_000, state: 'AcceptIntent', word: 'roll', reason: 'Selected', message: 'It is new.' },
    { at: NOW - 58_000, state: 'RegisterRevision', word: 'error' },
  ],
};
const RECORDS: readonly HistoryEntry[] = [
  { ...record(), course: COURSE },
  { ...record(), course: { states: [], tasks: [] } },
  record({ request: { tag: 'v1', force: true, reason: 'a new secret' }, failedTasks: FAILED_TASKS }),
  record({ request: { digest: digest('c') }, image: byDigest }),
  record({ request: { rollback: { to: digest('c') } } }),
  record({ request: { rollback: true } }),
  record({ request: { acknowledge: { by: 'alice' }, reason: 'on it' } }),
  NOTHING_ROLLED,
];
/** A failure, and two images that were proven, the second of which has a configuration. */
const PROVEN_TWICE = [
  record(),
  record({ outcome: 'SUCCEEDED', image: image('c', NOW - 60_000) }),
  record({ outcome: 'SUCCEEDED', image: image('d', NOW - 60_000) }),
];
const CREATED = { config: { Labels: { 'org.opencontainers.image.created': new Date(NOW - 90_000).toISOString() } } };
const LABELLED = {
  'ecr:BatchGetImage': ({ imageIds }: { readonly imageIds: readonly { readonly imageDigest: string }[] }) => {
    const imageManifest = imageIds[0]!.imageDigest === digest('d') ? `{"config":{"digest":"${digest('e')}"}}` : '{}';
    return { images: [{ imageManifest }] };
  },
  'ecr:GetDownloadUrlForLayer': () => ({
    downloadUrl: `data:application/json,${encodeURIComponent(JSON.stringify(CREATED))}`,
  }),
};
const PENDING = pending('second', { executionArn: executionOf('second') });
const PERSONS = pending('second', { executionArn: executionOf('second'), image: image('e'), request: { tag: 'v1' } });
const LETTING = { rolloutId: 'running', executionArn: executionOf('running'), startedAt: NOW };
const VERDICT = { word: 'failed', reason: 'TaskFailed', message: 'It failed.' } as const;
const JUDGED = owner({ phase: waiting({}, VERDICT as never), image: byDigest, request: { tag: 'v1' } });
const PIN = { since: NOW, rolloutId: 'chosen', digest: digest('c') };
const ALL = {
  owner: { ...JUDGED, failure: VERDICT as never },
  pending: PERSONS,
  lettingFinish: [{ ...LETTING, image: image('d') }],
  pin: PIN,
  seen: image('d'),
  quarantine: [quarantined('b')],
};
/** What is selected does not run, and is tried again. */
const TRIED_AGAIN = {
  seen: image('b'),
  retry: { image: image('b'), failures: 1, dueAt: NOW + 60_000 },
  lettingFinish: [LETTING],
  pending: PENDING,
};
const NONE = { 'ecs:DescribeServices': () => ({ services: [] }) };
const RUNNING = { 'states:ListExecutions': () => ({ executions: [{ executionArn: executionOf('running') }] }) };
const OVER = {
  'states:ListExecutions': () => ({
    executions: [{ executionArn: executionOf('over'), status: 'SUCCEEDED', startDate: AT }],
  }),
};
const ENDED = endedWith({ outcome: 'SUCCEEDED', reason: 'EvidenceComplete', message: 'It runs.' });
const SILENT = endedWith({ outcome: 'SUCCEEDED' });
const BAKING = owner({ phase: waiting({ kind: 'bake', since: NOW - 1000, until: NOW + 59_000 }) });
const TWO_PROVEN = [proven('e', 5), proven('d', 4)];
/** The repository has both, and one of them without a tag of its own. */
const TAGGED = {
  'ecr:DescribeImages': () => ({
    imageDetails: [
      { imageDigest: digest('e'), imageTags: ['v5'], imagePushedAt: AT },
      { imageDigest: digest('d'), imageTags: ['rollouts-keep-web-1'], imagePushedAt: AT },
    ],
  }),
};
/** A revision that somebody registered and nobody deployed. */
const NEWER = { 'ecs:ListTaskDefinitions': () => ({ taskDefinitionArns: [revision(9)] }) };
const PROVEN = ledgerThat([{ verified: [proven('a', 1)] }]);
/** One task that runs, whose container logs to CloudWatch. */
const LOGGING = {
  'ecs:DescribeTasks': () => ({
    tasks: [{ taskArn: 'arn:aws:ecs:eu-west-1:1:task/default/1', taskDefinitionArn: revision(1) }],
  }),
  'ecs:DescribeTaskDefinition': () => {
    const options = { 'awslogs-group': 'web', 'awslogs-stream-prefix': 'ecs' };
    return {
      taskDefinition: { containerDefinitions: [{ name: 'app', logConfiguration: { logDriver: 'awslogs', options } }] },
    };
  },
  'logs:GetLogEvents': () => ({ events: [{ message: 'no database' }], nextBackwardToken: 'b' }),
};
const NEED = { since: NOW - 9000, rolloutId: 'r0', outcome: 'FAILED_ROLLBACK' } as const;
const ACKNOWLEDGED = { ...NEED, isUntold: true, acknowledged: { by: 'alice', at: NOW, reason: 'on it' } } as const;
/** A push role that trusts nobody. */
const STRANGERS_ROLE = `<GetRoleResponse><GetRoleResult><Role><AssumeRolePolicyDocument>${encodeURIComponent('{"Statement":[]}')}</AssumeRolePolicyDocument></Role></GetRoleResult></GetRoleResponse>`;
const UNPINNED = { 'ecs:DescribeTaskDefinition': () => ({ taskDefinition: { containerDefinitions: [] }, tags: [] }) };

/** The actions that each verb asked for, in all its runs. */
const ASKED: Record<string, Set<string>> = {};

/** Runs a verb in cells that answer so, one after the other. */
async function documentsOf<D, A>(
  verb: CellVerb<D, A>,
  ...runs: readonly (readonly [flags: Flags, answers: Answers])[]
) {
  const documents: unknown[] = [];
  for (const [flags, answers] of runs) {
    const { cell, asked } = cannedCell(answers);
    documents.push(documentOf(await verb.runIn(cell, verb.ask(flags), session())));
    ASKED[verb.name] = new Set([...(ASKED[verb.name] ?? []), ...asked]);
  }
  return documents;
}

/** The service with its name, by which it is told from others of its cluster. */
const NAMED = { 'ecs:DescribeServices': () => ({ services: [{ ...SERVICE, serviceName: 'web', runningCount: 2 }] }) };

/** A ledger that is read with its history in one call. */
function entriesThat(state: Partial<LedgerState>, records: readonly RolloutRecord[]): Answers {
  const ended = records.map((each) => ({ ...each, entry: `ended#${each.rolloutId}` }));
  const items = [{ ...ledger(state), entry: 'state' }, ...ended];
  return { 'dynamodb:Query': () => ({ Items: items.map((item) => marshall(item, { removeUndefinedValues: true })) }) };
}

/** What is told of all services where there is one, in accounts that answer so. */
async function overviewsOf(...accounts: readonly Answers[]): Promise<unknown[]> {
  const documents: unknown[] = [];
  for (const answers of accounts) {
    const { cell, asked } = cannedCell({ 'dynamodb:Query': () => undefined, ...answers });
    const registered = { cells: [], unreadable: ['/rollouts-cells/strange'] };
    documents.push(overviewJson(await readOverview([cell]), { ...cell, registered }));
    ASKED['status'] = new Set([...ASKED['status']!, ...asked]);
  }
  return documents;
}

/** What each verb answers, in enough ways to meet every member. */
const DOCUMENTS: Readonly<Record<string, readonly [Verb, () => Promise<unknown[]> | unknown[]]>> = {
  status: [
    status,
    async () => [
      ...(await documentsOf(
        status,
        [{}, { ...ledgerThat([ALL], [record()]), ...RUNNING }],
        [{}, { ...ledgerThat([{ owner: owner() }]), ...UNPINNED }],
        [{}, { ...ledgerThat([{ owner: BAKING, verified: TWO_PROVEN }]), ...TAGGED }],
        [{}, { ...PROVEN, ...NEWER }],
        [{}, { ...ledgerThat([TRIED_AGAIN], [record()]), ...RUNNING }],
        [{}, ledgerThat([{ seen: image('d'), needsSomeone: NEED }])],
        [{}, ledgerThat([{ needsSomeone: ACKNOWLEDGED }])],
        [{}, NONE],
      )),
      ...(await overviewsOf(
        { ...entriesThat({ ...ALL, verified: [proven('a', 1)] }, [record()]), ...NAMED },
        { ...entriesThat({}, []), ...NAMED, 'ecs:ListTasks': () => undefined },
        { ...entriesThat({}, []), ...NONE },
        {},
      )),
    ],
  ],
  history: [
    history,
    () =>
      documentsOf(
        history,
        [{}, ledgerThat([{}], RECORDS)],
        [{ limit: '2' }, ledgerThat([{}], RECORDS)],
        [{ stats: true }, { ...ledgerThat([{}], PROVEN_TWICE), ...LABELLED }],
        [{ stats: true }, ledgerThat([{}])],
      ),
  ],
  logs: [
    logs,
    () =>
      documentsOf(
        logs,
        [{}, LOGGING],
        [{}, ledgerThat([{}], RECORDS.slice(2, 3))],
        [{ rollout: 'ended' }, { ...ledgerThat([{}], RECORDS.slice(2, 3)), ...LOGGING }],
      ),
  ],
  watch: [
    watch,
    () => documentsOf(watch, [{}, { ...RUNNING, ...ENDED }], [{}, ledgerThat([{}], RECORDS.slice(2, 3))], [{}, {}]),
  ],
  wait: [
    wait,
    () =>
      documentsOf(
        wait,
        [{ digest: digest('b') }, ledgerThat([{}], [record()])],
        [{ tag: 'build-b', timeout: '1' }, ledgerThat([{ owner: owner() }])],
        [{ tag: 'build-b', timeout: '1' }, OVER],
      ),
  ],
  start: [
    start,
    () =>
      documentsOf(
        start,
        [{}, ENDED],
        [{}, SILENT],
        [{ 'no-wait': true, tag: 'v1' }, {}],
        [{ 'no-wait': true, digest: digest('a').slice(7, 20) }, PROVEN],
      ),
  ],
  rollback: [
    rollback,
    () =>
      documentsOf(
        rollback,
        [{}, { ...ENDED, ...ledgerThat([{ verified: [proven('b', 2), proven('a', 1)] }]) }],
        [{ 'no-wait': true, to: digest('a').slice(7, 20) }, PROVEN],
        [{ 'no-wait': true, to: digest('b').slice(7, 20) }, ledgerThat([{ owner: owner() }])],
      ),
  ],
  release: [
    release,
    () =>
      documentsOf(
        release,
        [{}, { ...ENDED, ...ledgerThat([{ pin: PIN }]) }],
        [{}, { ...ENDED, ...ledgerThat([{}]) }],
        [{ 'no-wait': true }, {}],
      ),
  ],
  acknowledge: [
    acknowledge,
    () =>
      documentsOf(
        acknowledge,
        [{ reason: 'x' }, { ...ENDED, ...ledgerThat([{ needsSomeone: NEED }, { needsSomeone: ACKNOWLEDGED }]) }],
        [{ reason: 'x' }, ledgerThat([{ needsSomeone: ACKNOWLEDGED }])],
        [{ reason: 'x' }, { ...ENDED, ...ledgerThat([{ needsSomeone: NEED }]) }],
        [{ reason: 'x' }, ledgerThat([{}])],
      ),
  ],
  abort: [
    abort,
    () =>
      documentsOf(
        abort,
        [{}, RUNNING],
        [{}, NONE],
        [{ 'no-wait': true }, ledgerThat([ALL])],
        [{}, { ...ENDED, ...ledgerThat([ALL, ALL, { pending: PENDING }]) }],
        [{}, { ...SILENT, ...UNPINNED, ...ledgerThat([ALL, ALL, { pending: PENDING }]) }],
      ),
  ],
  diff: [
    diff,
    () =>
      documentsOf(
        diff,
        [{}, {}],
        [{ tag: 'v1' }, {}],
        [{}, NONE],
        [{}, ledgerThat([{ owner: owner() }])],
        [{}, BESIDE_AN_AGENT],
      ),
  ],
  open: [
    open,
    async () => [
      ...(await documentsOf(open, [{}, { ...BALANCED, ...RUNNING }], [{}, PUBLIC_TASKS], [{}, {}])),
      documentOf(await open.runIn({ ...cannedCell().cell, stateMachineArn: 'arn:aws-iso:states:…' }, {}, session())),
      documentOf(await open.runIn(undrawnCell(), {}, session())),
    ],
  ],
  'push-instructions': [pushInstructions, () => documentsOf(pushInstructions, [{}, {}])],
  doctor: [doctor, () => documentsOf(doctor, [{}, { 'iam:GetRole': () => STRANGERS_ROLE }])],
  rehearse: [rehearse, rehearsals],
  size: [size, sizes],
};

function rehearsals(): unknown[] {
  const report = {
    name: 'good-push',
    service: 'default/web',
    title: 'A good image is pushed.',
    outcome: 'AWS_REFUSED',
    message: 'ssm:PutParameter is refused.',
    expected: 'SUCCEEDED',
    faults: ['throttling'],
    mayAlsoEnd: ['ROLLED_BACK'],
    path: ['Configure'],
    expectedPath: ['Configure', 'Conclude'],
    differences: ['one'],
    refusals: [{ role: 'Conclude', action: 'ssm:PutParameter', resource: 'arn:…' }],
    virtualSeconds: 1,
    stateTransitions: 1,
    awsCalls: 1,
    detectionLagSeconds: 0.1,
    timeline: [{ virtualSeconds: 0, kind: 'push', text: 'v1' } as const],
    entry: RECORDS[0]!,
  };
  const { message: _, detectionLagSeconds: __, entry: ___, ...silent } = report;
  return [rehearsalJson([report, silent]), storiesJson(STORIES, FAULTS)];
}

/** A cell of a configuration without a dashboard. */
function undrawnCell(): DeployedCell {
  return { ...cannedCell().cell, dashboard: undefined };
}

function sizes(): unknown[] {
  const footprint = {
    cpu: 1024,
    memoryMiB: 2048,
    architecture: 'x86_64',
    ephemeralStorageGiB: 20,
    count: 2,
    hasPublicIp: true,
    maximumPercent: 200,
    logRetentionDays: 30,
    tickMinutes: 5,
    dashboardShare: 1,
  } as const;
  const assumptions = { logGibPerDay: 0.1, lcus: 1, rolloutMinutes: 5 };
  const share = { average: 5, busiestHour: 9, peak: 10 };
  const known = { service: 'default/web', source: 'account', footprint, isPartial: false } as const;
  const judged = {
    utilisation: { hoursAsked: 336, hours: 336, shares: { cpu: share, memory: share } },
    size: footprint,
  };
  const unknown = { utilisation: { hoursAsked: 336, hours: 0 }, size: footprint };
  const prices = readPrices();
  const estimates = [
    { ...known, footprint: { ...footprint, scaling: { minCount: 1, maxCount: 3 } } },
    { ...known, used: judged },
    { ...known, used: unknown },
  ].map((each) => estimate(each, assumptions, prices));
  return [sizeJson(estimates, [{ service: 'default/api', refusal: new Error('no size') }], prices, assumptions)];
}

it('of every verb that has documents some are looked at here', async () => {
  const named = (await allCommands()).filter(({ document }) => document !== 'none').map(({ name }) => name);
  expect(Object.keys(DOCUMENTS).sort()).toEqual(named.sort());
});

/** Which promises of its schema a verb's documents keep; each of them is exactly what the schema says. */
const kept = (name: string): Promise<ReadonlySet<string>> => (KEPT[name] ??= keep(...DOCUMENTS[name]!));
const KEPT: Record<string, Promise<ReadonlySet<string>>> = {};

async function keep({ document: { schema } }: Verb, documents: () => Promise<unknown[]> | unknown[]) {
  const printed = (await documents()).map((document) => JSON.parse(JSON.stringify(document)) as unknown);
  return new Set(printed.flatMap((document) => [...keptBy(schema, schema.parse(document))]));
}

/** Of members of a document itself, not of the objects that several of them hold. */
const isOwn = (promise: string): boolean => promise.startsWith('.');

it.each(Object.keys(DOCUMENTS))('every member of %s is met, and is null and absent where it may be', async (name) => {
  const promised = [...promisesOf(DOCUMENTS[name]![0].document.schema)].filter(isOwn);
  const met = await kept(name);
  expect(promised.length).toBeGreaterThan(1);
  expect(promised.filter((promise) => !met.has(promise))).toEqual([]);
});

it('every member of the objects that several documents hold is met, and is null and absent where it may be', async () => {
  const promised = Object.values(DOCUMENTS).flatMap(([{ document }]) => [...promisesOf(document.schema)]);
  const met = new Set((await Promise.all(Object.keys(DOCUMENTS).map(kept))).flatMap((each) => [...each]));
  expect(promised.filter((promise) => !isOwn(promise) && !met.has(promise))).toEqual([]);
});

/** The verbs that are run here in every way in which they ask for something; `doctor` and `size --live` are run elsewhere. */
const RUN_HERE = Object.keys(DOCUMENTS).filter((name) => !['doctor', 'rehearse', 'size'].includes(name));

it.each(RUN_HERE)('%s asks for what README lists beside it, and for nothing else', async (name) => {
  await kept(name);
  expect([...ASKED[name]!].sort()).toEqual(listedCalls(name).sort());
});
