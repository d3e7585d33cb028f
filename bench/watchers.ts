import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Region } from '../region/region.ts';

/** Two usual ways to notice that a deployment is over: both ask ECS again and again. Each answers when it noticed. */
const SOURCES = {
  waitUntilServicesStable: `
    import { ECSClient, waitUntilServicesStable } from '@aws-sdk/client-ecs';
    const client = new ECSClient({});
    export const handler = async ({ cluster, service }) => {
      await waitUntilServicesStable({ client, maxWaitTime: 800 }, { cluster, services: [service] });
      return Date.now();
    };`,
  poll15Seconds: `
    import { ECSClient, DescribeServicesCommand } from '@aws-sdk/client-ecs';
    const client = new ECSClient({});
    export const handler = async ({ cluster, service, formerTaskDefinition }) => {
      for (;;) {
        const { services } = await client.send(new DescribeServicesCommand({ cluster, services: [service] }));
        const [primary] = services[0].deployments;
        if (primary.taskDefinition !== formerTaskDefinition && primary.rolloutState === 'COMPLETED') return Date.now();
        await new Promise((resolve) => setTimeout(resolve, 15_000));
      }
    };`,
} as const;

/** One of the two. */
export type WatcherName = keyof typeof SOURCES;
export const WATCHER_NAMES = Object.keys(SOURCES) as WatcherName[];

/** What a watcher is told. */
export interface WatcherPayload {
  readonly cluster: string;
  readonly service: string;
  readonly formerTaskDefinition: string;
}

/** Installs the watchers as functions of the region, so that they live on its clock; answers their ARNs. */
export async function installWatchers(region: Region, scratch: string): Promise<Readonly<Record<WatcherName, string>>> {
  const role = await create(region, 'AWS::IAM::Role', 'WatcherRole', {
    AssumeRolePolicyDocument: policy({ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }),
    Policies: [{ PolicyName: 'Watch', PolicyDocument: policy({ Action: 'ecs:DescribeServices', Resource: '*' }) }],
  });
  const installed = await Promise.all(
    WATCHER_NAMES.map(async (name) => {
      region.registerAsset(name, await bundle(name, scratch));
      await create(region, 'AWS::Logs::LogGroup', `${name}Logs`, { LogGroupName: `/aws/lambda/${name}` });
      const Code = { S3Bucket: 'assets', S3Key: name };
      const settings = {
        FunctionName: name,
        Role: role['Arn'],
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 900,
        Code,
      };
      const created = await create(region, 'AWS::Lambda::Function', name, settings);
      return [name, created['Arn']!] as const;
    }),
  );
  return Object.fromEntries(installed) as Record<WatcherName, string>;
}

/** Runs a watcher; `onNoticed` gets the virtual time at which it noticed. */
export function startWatcher(
  region: Region,
  functionArn: string,
  payload: WatcherPayload,
  onNoticed: (at: number) => void,
): void {
  region.lambda.invoke({
    functionArn,
    payload,
    caller: { kind: 'operator' },
    onEnd: (result) => {
      if (result.kind === 'failed') throw new Error(`${functionArn}: ${result.error}: ${result.message}`);
      onNoticed(Number(result.payload));
    },
  });
}

async function bundle(name: WatcherName, scratch: string): Promise<string> {
  const directory = join(scratch, name);
  mkdirSync(directory, { recursive: true });
  await build({
    stdin: { contents: SOURCES[name], resolveDir: import.meta.dirname },
    outfile: join(directory, 'index.js'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
    // The SDK's waiter sleeps fractions of milliseconds; like Node's own timers, the clock here knows whole ones.
    banner: {
      js: 'const fractional = setTimeout; setTimeout = (callback, ms) => fractional(callback, Math.ceil(ms));',
    },
  });
  return directory;
}

async function create(region: Region, type: string, logicalId: string, properties: Readonly<Record<string, unknown>>) {
  return (await region.resources[type]!(logicalId, properties, 'bench')).attributes;
}

function policy(statement: object): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] };
}
