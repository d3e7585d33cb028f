import { marshall } from '@aws-sdk/util-dynamodb';
import type { DeployedCell } from '../../cli/account/deployed-cell.ts';
import type { Answer, Session } from '../../cli/terminal/command.ts';
import type { Event } from '../../cli/terminal/events.ts';
import type { LedgerState, RolloutRecord } from '../../functions/rollout/ledger.ts';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import { config, digest, ledger, NOW, revision } from '../functions/rollout/given.ts';

/** What an account answers, by the action that a caller needs: `ecs:DescribeServices`. */
type Answers = Readonly<Record<string, (input: never) => object>>;

/** A cell in an account that answers as told, and what it was asked. */
export interface CannedCell {
  readonly cell: DeployedCell;
  /** The actions that were asked for, each once. */
  readonly asked: ReadonlySet<string>;
}

const PREFIXES = {
  sfn: 'states',
  sfnOnce: 'states',
  ecs: 'ecs',
  ecr: 'ecr',
  dynamodb: 'dynamodb',
  ssm: 'ssm',
  events: 'events',
  iam: 'iam',
  secretsManager: 'secretsmanager',
  cloudwatch: 'cloudwatch',
  sts: 'sts',
} as const;

/** The account `111122223333` with the service `default/web`; what it is not told to answer it denies. */
export function cannedCell(answers: Answers = {}): CannedCell {
  const asked = new Set<string>();
  const all: Answers = { ...USUAL, ...answers };
  const client = (prefix: string) => ({
    send: async (command: { readonly input: never }) => {
      const action = `${prefix}:${command.constructor.name.replace(/Command$/, '')}`;
      asked.add(action);
      const answer = all[action];
      if (answer) return answer(command.input);
      throw Object.assign(new Error(`someone is not authorized to perform: ${action}`), { name: 'AccessDenied' });
    },
  });
  const clients = Object.fromEntries(Object.entries(PREFIXES).map(([name, prefix]) => [name, client(prefix)]));
  const github = { repository: 'octo-org/web', environment: 'production' };
  const services = [{ repository: 'team/web', container: 'app', github }];
  const cell = {
    clients,
    config: config(),
    service: checkConfiguration({ services }, 'test').services[0]!,
    account: '111122223333',
    region: 'eu-west-1',
    stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:rollouts-web',
    ledgerTable: 'rollouts-web',
  };
  return { cell: cell as unknown as DeployedCell, asked };
}

export const AT = new Date(NOW);
export const executionOf = (name: string): string =>
  `arn:aws:states:eu-west-1:111122223333:execution:rollouts-web:${name}`;

/** A service of two tasks on that revision, whose container runs image `a`. */
export const SERVICE = {
  status: 'ACTIVE',
  desiredCount: 2,
  taskDefinition: revision(1) as string,
  deployments: [
    {
      id: 'ecs-svc/1',
      status: 'PRIMARY',
      taskDefinition: revision(1) as string,
      createdAt: AT,
      updatedAt: AT,
      runningCount: 2,
      pendingCount: 0,
      rolloutState: 'COMPLETED',
    },
  ],
  events: [],
};

const TASK_DEFINITION = {
  family: 'web',
  containerDefinitions: [{ name: 'app', image: `team/web@${digest('a')}` }],
};

/** A service that runs, and no rollout that ever was. */
const USUAL: Answers = {
  'ecs:DescribeServices': () => ({ services: [SERVICE] }),
  'ecs:DescribeTaskDefinition': () => ({ taskDefinition: TASK_DEFINITION, tags: [] }),
  'ecr:DescribeImages': ({ imageIds = [] }: { readonly imageIds?: readonly { imageDigest?: string }[] }) => ({
    imageDetails: [{ imageDigest: imageIds[0]?.imageDigest ?? digest('b'), imageTags: ['build-b'], imagePushedAt: AT }],
  }),
  'ecr:DescribeRepositories': () => ({
    repositories: [{ repositoryUri: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web' }],
  }),
  'dynamodb:GetItem': () => ({}),
  'dynamodb:Query': () => ({ Items: [] }),
  'states:DescribeExecution': () => ({ status: 'RUNNING', startDate: AT }),
  'states:ListExecutions': () => ({ executions: [] }),
  'states:StartExecution': () => ({ executionArn: executionOf('started') }),
  'states:StopExecution': () => ({}),
};

/** A ledger that is in one state whenever it is read, or in one after the other, and these records of rollouts. */
export function ledgerThat(states: readonly Partial<LedgerState>[], records: readonly RolloutRecord[] = []): Answers {
  const left = [...states];
  const marshalled = (item: object) => marshall(item, { removeUndefinedValues: true });
  return {
    'dynamodb:GetItem': ({ Key }: { readonly Key: { readonly entry: { readonly S: string } } }) => {
      const found = records.find(({ rolloutId }) => Key.entry.S === `rollout#${rolloutId}`);
      if (Key.entry.S !== 'state') return found ? { Item: marshalled(found) } : {};
      return { Item: marshalled(ledger(left.length > 1 ? left.shift() : left[0])) };
    },
    'dynamodb:Query': () => ({ Items: records.map(marshalled) }),
  };
}

/** An execution that is over and answered so. */
export function endedWith(output: object): Answers {
  const at = { id: 1, timestamp: AT };
  return {
    'states:DescribeExecution': () => ({
      status: 'SUCCEEDED',
      startDate: AT,
      stopDate: AT,
      output: JSON.stringify(output),
    }),
    'states:GetExecutionHistory': () => ({
      events: [
        { ...at, type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'AcceptIntent' } },
        { ...at, id: 2, type: 'ExecutionSucceeded' },
      ],
    }),
  };
}

/** A session that is heard: what was said meanwhile, and told before the answer. */
export function session(): Session & { readonly events: Event[]; readonly told: unknown[] } {
  const [events, told]: [Event[], unknown[]] = [[], []];
  return {
    env: {},
    clock: { now: () => NOW, sleep: async () => {} },
    interrupted: () => new Promise(() => {}),
    emit: (event) => events.push(event),
    tell: ({ document }) => told.push(document),
    events,
    told,
  };
}

/** The document of an answer that has one. */
export function documentOf(answer: Answer<unknown>): unknown {
  if (answer.document === 'told-before') throw new Error('told before');
  return answer.document;
}
