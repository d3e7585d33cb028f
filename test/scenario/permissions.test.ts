import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { deleteAgent, deployBesideAgent } from './beside-agent.ts';
import { setting } from './setting.ts';

// With a registry, so that images are kept too.
const openWorld = setting({ taskRole: 'api-task', registry: {}, logGroup: '/ecs/api', notify: { started: true } });
const openProvisioned = setting({ provision: { port: 8000 } });

/** Statements that no API call of the flow exercises, with the reason why they are granted all the same. */
const NOT_EXERCISED: Readonly<Record<string, string>> = {
  'xray:PutTraceSegments': 'the Lambda and Step Functions services send traces with it',
  'xray:PutTelemetryRecords': 'the Lambda and Step Functions services send traces with it',
  'xray:GetSamplingRules': 'the X-Ray sampler reads it',
  'xray:GetSamplingTargets': 'the X-Ray sampler reads it',
  'logs:CreateLogDelivery': 'Step Functions sets its log delivery up with it',
  'logs:GetLogDelivery': 'Step Functions sets its log delivery up with it',
  'logs:UpdateLogDelivery': 'Step Functions sets its log delivery up with it',
  'logs:DeleteLogDelivery': 'Step Functions sets its log delivery up with it',
  'logs:ListLogDeliveries': 'Step Functions sets its log delivery up with it',
  'logs:PutResourcePolicy': 'Step Functions sets its log delivery up with it',
  'logs:DescribeResourcePolicies': 'Step Functions sets its log delivery up with it',
  'logs:DescribeLogGroups': 'Step Functions sets its log delivery up with it',
};

const loseImageEvents: Act = async (world) =>
  world.region.events.setDelivery((event) => (event.source === 'aws.ecr' ? 'never' : 'once'));

const stopWhatRuns: Act = async (world) => {
  const { executionArn } = world.rollouts().at(-1)!;
  await operate(world.region, 'states', 'StopExecution', { executionArn });
};

/** As tools do that keep one revision only; what a rollback would put back is then copied. */
const deregisterWhatRuns: Act = async (world) => {
  const { taskDefinition } = await world.service();
  await operate(world.region, 'ecs', 'DeregisterTaskDefinition', { taskDefinition });
};

/** The same while a bad image is watched: what is put back is copied when ECS refuses it. */
const deregisterWhatRan: Act = async (world) => {
  const { taskDefinition } = await world.service();
  await world.push({ behaviour: 'crash', afterSeconds: 60 });
  await world.advance(40);
  await operate(world.region, 'ecs', 'DeregisterTaskDefinition', { taskDefinition });
};

/** The first call of the next Preflight is turned away for as long as the SDK tries it again, so that it has to wait. */
const keepPreflightWaiting: Act = async ({ region }) => {
  const match = { service: 'ecr', operation: 'BatchGetImage' };
  const does = { kind: 'error', error: 'throttling', isApplied: false } as const;
  region.faults.start({ at: 'call', match, when: { times: 4 }, does });
};

/** Someone puts a sidecar on the service, whose image is then gone; only a rule that fetches it when a task asks would bring it back. */
const loseSidecarImage: Act = async (world) => {
  const { iam, account, region } = world.region;
  const { taskDefinition } = await world.service();
  const described = await operate<Described>(world.region, 'ecs', 'DescribeTaskDefinition', { taskDefinition });
  const roleArn = described.taskDefinition.executionRoleArn;
  const resource = `arn:aws:ecr:${region}:${account}:repository/agent`;
  iam.replacePolicies(roleArn, [...iam.policiesOf(roleArn), { name: 'agent', document: mayPull(resource) }]);
  await deployBesideAgent(world);
  await deleteAgent(world);
};

interface Described {
  readonly taskDefinition: { readonly executionRoleArn: string };
}

function mayPull(Resource: string): object {
  const Action = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] };
}

/** A life with everything in it: a wait, proofs, a queue, a rollback, a lost push that the tick finds, an execution that someone stops. */
const LIFE: readonly Act[] = [
  keepPreflightWaiting,
  async (world) => void (await world.push({ isIndex: true })),
  forSeconds(20),
  async (world) => void (await world.push()),
  forSeconds(10),
  async (world) => void (await world.push()),
  forSeconds(300),
  deregisterWhatRan,
  forSeconds(300),
  loseImageEvents,
  async (world) => void (await world.push()),
  forSeconds(310),
  stopWhatRuns,
  forSeconds(700),
  loseSidecarImage,
  async (world) => void (await world.push()),
  forSeconds(120),
];

/** A revision that somebody deregisters; then the tick looks whether a service on which nothing runs is as it was provisioned. */
const EMPTIED: readonly Act[] = [
  deregisterWhatRuns,
  async (world) => void (await world.push()),
  forSeconds(300),
  async ({ region, config: { cluster, serviceName: service } }) =>
    void (await operate(region, 'ecs', 'UpdateService', { cluster, service, desiredCount: 0 })),
  forSeconds(700),
];

type Act = (world: World) => Promise<void>;

function forSeconds(seconds: number): Act {
  return (world) => world.advance(seconds);
}

interface Granted {
  readonly role: string;
  readonly action: string;
}

/** Every Allow of every role that the stack created. */
function granted(world: World): Granted[] {
  const roles = [...world.cell.resources].filter(([, { type }]) => type === 'AWS::IAM::Role');
  const all = roles.flatMap(([logicalId, { attributes }]) => {
    const role = logicalId.replace(/^Handlers/, '').replace(/Role[0-9A-F]{8}$/, '');
    const statements = world.region.iam
      .policiesOf(attributes['Arn']!)
      .flatMap(({ document }) => [(document as PolicyDocument).Statement].flat());
    const actions = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => [Action].flat());
    return [...new Set(actions)].map((action) => ({ role, action }));
  });
  return all;
}

interface PolicyDocument {
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

interface PolicyStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

it.each([
  ['that was adopted', openWorld, LIFE],
  ['that is provisioned', openProvisioned, [...LIFE, ...EMPTIED]],
])(
  'grants what the flow of a service %s uses and nothing else, and misses any one of it by name',
  async (_, open, life) => {
    const world = await open({ hasTicks: true });
    for (const act of life) await act(world);
    // What is done once an hour.
    await world.advance(3600);
    expect(world.region.iam.asked.filter(({ isAllowed }) => !isAllowed)).toEqual([]);
    const used = new Map(
      world.region.iam.asked.filter(({ isAllowed }) => isAllowed).map((question) => [keyOf(question), question]),
    );
    const grants = granted(world).filter(({ action }) => !(action in NOT_EXERCISED));
    expect(grants.filter(({ role, action }) => !used.has(keyOf({ roleArn: arnOf(world, role), action })))).toEqual([]);
    expect(grants.length).toBeGreaterThan(40);

    // The very questions of that life are put again to each role without one of its permissions.
    const overlooked = grants.filter((grant) => {
      const { roleArn, ...request } = used.get(keyOf({ roleArn: arnOf(world, grant.role), action: grant.action }))!;
      const policies = world.region.iam.policiesOf(roleArn);
      world.removePermission(grant);
      const decision = world.region.iam.authorize({ kind: 'role', roleArn, sessionName: 'again' }, request);
      world.region.iam.replacePolicies(roleArn, policies);
      return decision.isAllowed || !decision.reason.includes(grant.action);
    });
    expect(overlooked).toEqual([]);
  },
);

it.each([
  ['RollService', 'iam:PassRole', 'ECS would refuse the roll'],
  ['Push', 'states:StartExecution', 'the push reaches nobody'],
  ['Rollout', 'lambda:InvokeFunction', 'the machine cannot invoke'],
])('%s without %s: %s, and the denial is seen', async (role, action) => {
  const world = await openWorld({ hasTicks: true });
  if (role === 'Push') world.excuse('dead-letter', 'states:StartExecution', 'the rule may not start the state machine');
  world.removePermission({ role, action });
  await world.push();
  await world.advance(700);

  const denied = world.region.iam.asked.filter(({ isAllowed }) => !isAllowed);
  expect(denied.map(({ roleArn, action: asked }) => [roleArn, asked])).toContainEqual([arnOf(world, role), action]);
});

function keyOf({ roleArn, action }: { readonly roleArn: string; readonly action: string }): string {
  return `${roleArn} ${action}`;
}

function arnOf(world: World, role: string): string {
  const found = [...world.cell.resources].find(([logicalId]) =>
    new RegExp(`^(Handlers)?${role}Role[0-9A-F]{8}$`).test(logicalId),
  );
  return found![1].attributes['Arn']!;
}
