import { readFileSync } from 'node:fs';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as ssm from '@aws-sdk/client-ssm';

/** As much of the AWS CLI as README's lines ask for, for machines without it: `aws SERVICE OPERATION --member value`. */
const [service = '', ...rest] = process.argv.slice(2);
const [operation = '', ...flags] = rest[0] === 'wait' ? [rest.slice(0, 2).join(' '), ...rest.slice(2)] : rest;

const text = (value: string): string => (value.startsWith('file://') ? readFileSync(value.slice(7), 'utf8') : value);
const flag = (name: string): string => text(flags[flags.indexOf(`--${name}`) + 1]!);

const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
  'ecr put-image': () =>
    new ecr.ECRClient({}).send(
      new ecr.PutImageCommand({
        repositoryName: flag('repository-name'),
        imageTag: flag('image-tag'),
        imageManifest: flag('image-manifest'),
      }),
    ),
  'ecs wait services-stable': async () => {
    const waiting = { client: new ecs.ECSClient({}), maxWaitTime: 60 };
    await ecs.waitUntilServicesStable(waiting, { cluster: flag('cluster'), services: [flag('services')] });
  },
  'ssm get-parameter': () => new ssm.SSMClient({}).send(new ssm.GetParameterCommand({ Name: flag('name') })),
};

const answer = await CALLS[`${service} ${operation}`]!();
if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer, null, 4)}\n`);
