import { sampleImages } from '../../../rehearsal/sample-images.ts';
import type { World } from '../../../rehearsal/world.ts';
import { shortNames } from '../../account/short-names.ts';
import { wrapped } from '../../terminal/layout.ts';
import { registryHints } from './registry-hints.ts';
import { shellWord } from './shell-word.ts';
import type { Folder } from './folder.ts';

export interface Welcome {
  readonly worlds: readonly World[];
  readonly port: number;
  readonly speed: number;
  readonly folder: Pick<Folder, 'imageFile' | 'messages'>;
  readonly config: string | undefined;
}

/** What someone needs to know to begin, as lines to paste. */
export function welcome(about: Welcome): string[] {
  const { worlds, port, speed, folder } = about;
  const endpoint = `http://127.0.0.1:${port}`;
  const { region } = worlds[0]!.region;
  const names = shortNames(worlds.map(({ config }) => config.service));
  return [
    '',
    `The simulated region answers at ${endpoint}. Stop it with Ctrl-C.`,
    ...paceLines(speed),
    '',
    `  export AWS_ENDPOINT_URL=${endpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    '  export AWS_ACCESS_KEY_ID=OPERATOR AWS_SECRET_ACCESS_KEY=x',
    ...worlds.flatMap((world, index) => ['', ...serviceLines(world, names[index]!, about)]),
    ...registryHints(worlds, new URL(endpoint).host),
    '',
    'Notifications are lines below; what each subscriber got is a file in this folder:',
    `  ls ${shellWord(folder.messages)}`,
    '',
  ];
}

function paceLines(speed: number): string[] {
  if (speed === 1) return ["The region's time is your clock's."];
  return wrapped(
    `The region's time is your clock's, but passes ${speed} times as fast while something rolls; then it waits for your clock to catch up.`,
  );
}

/** The commands about one service, under its name where there are several. */
function serviceLines({ config, cell }: World, name: string, { worlds, folder, config: file }: Welcome): string[] {
  const { cluster, serviceName, service } = config;
  const flags = [
    ...(file === undefined ? [] : [`--config ${shellWord(file)}`]),
    ...(worlds.length > 1 ? [`--service ${name}`] : []),
  ];
  return [
    ...(worlds.length > 1 ? [`${service}:`] : []),
    ...pushLines(config, folder),
    `  aws ecs wait services-stable --cluster ${cluster} --services ${serviceName}`,
    `  aws ssm get-parameter --name ${cell.outputs['LiveImageParameter']}`,
    `  aws stepfunctions start-execution --state-machine-arn ${cell.outputs['StateMachineArn']}`,
    `  ${['npx rollouts status', ...flags].join(' ')}`,
  ];
}

/** How to push an image without any tool for images: a good one, and one that is rolled back. */
function pushLines(config: World['config'], folder: Welcome['folder']): string[] {
  return sampleImages(config).map(
    ({ name, tag }) =>
      `  aws ecr put-image --repository-name ${config.repository} --image-tag ${tag} --image-manifest file://${shellWord(folder.imageFile(name))}`,
  );
}
