import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { documentIn, elementsOf, membersOf } from './document.ts';

/** A task definition that the folder keeps as a file. */
export interface TaskDefinitionFile {
  readonly file: string;
  readonly containers: readonly { readonly name: string; readonly port: string | undefined }[];
}

/** What a Compose file starts. */
export interface ComposeFile {
  readonly file: string;
  /** Services whose image is built from here. */
  readonly built: readonly string[];
  /** The others: databases, caches. */
  readonly others: readonly string[];
}

const BYTES_MAX = 500_000;

/** The first file that is a task definition, by its name and what it holds. */
export function taskDefinitionAmong(files: Iterable<string>, folder: string): TaskDefinitionFile | undefined {
  const named = [...files].filter((file) => /(^|\/)[^/]*task[-_.]?def[^/]*\.json$/i.test(file)).sort();
  for (const file of named) {
    const containers = containersIn(membersOf(read(join(folder, file))));
    if (containers.length > 0) return { file, containers };
  }
  return undefined;
}

/** As RegisterTaskDefinition takes them, or as DescribeTaskDefinition answers. */
function containersIn(document: Readonly<Record<string, unknown>>): TaskDefinitionFile['containers'] {
  const definitions = document['containerDefinitions'] ?? membersOf(document['taskDefinition'])['containerDefinitions'];
  return elementsOf(definitions)
    .map(membersOf)
    .flatMap(({ name, portMappings }) => {
      const { containerPort: port } = membersOf(elementsOf(portMappings)[0]);
      return typeof name === 'string' ? [{ name, port: typeof port === 'number' ? String(port) : undefined }] : [];
    });
}

/** The container that takes the image, as far as it can be guessed: the one that listens. */
export function likeliestContainer({ containers }: TaskDefinitionFile): TaskDefinitionFile['containers'][number] {
  return containers.find(({ port }) => port !== undefined) ?? containers[0]!;
}

// In the order in which Compose looks for them: https://docs.docker.com/compose/intro/compose-application-model/
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** What the folder's Compose file starts, where there is one. */
export function readCompose(folder: string): ComposeFile | undefined {
  const file = COMPOSE_FILES.find((name) => existsSync(join(folder, name)));
  if (file === undefined) return undefined;
  const services = Object.entries(membersOf(membersOf(read(join(folder, file)))['services']));
  const isBuilt = ([, service]: [string, unknown]): boolean => membersOf(service)['build'] !== undefined;
  return {
    file,
    built: services.filter(isBuilt).map(([name]) => name),
    others: services.filter((each) => !isBuilt(each)).map(([name]) => name),
  };
}

/** Undefined where the file is gone, though Git lists it, or too large to be what it is taken for. */
function read(path: string): unknown {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() && stats.size <= BYTES_MAX ? documentIn(readFileSync(path, 'utf8')) : undefined;
}
