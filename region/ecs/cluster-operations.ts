import type {
  Cluster,
  DescribeClustersRequest,
  DescribeClustersResponse,
  ListClustersRequest,
  ListClustersResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-ecs';
import { Fault, NotModelled, operation, type Operation } from '../service.ts';
import { clusterNameIn, lastSegment } from './arns.ts';
import type { ClusterRecord, World } from './model.ts';
import { pageOf } from './paging.ts';
import { clusterArn } from './service-operations.ts';
import { totalsOf } from './task-counts.ts';
import { checkTags } from './task-definition-rules.ts';
import { copyOfTags, findTaskDefinition } from './task-definitions.ts';

export function clusterOperations(world: World): Record<string, Operation> {
  return {
    DescribeClusters: operation<DescribeClustersRequest, DescribeClustersResponse>({
      permissions: (input) =>
        (input.clusters ?? ['default']).map((name) => ({
          action: 'ecs:DescribeClusters',
          resource: clusterArn(world, name),
        })),
      apply: (input) => {
        const looked = (input.clusters ?? ['default']).map((name) => ({
          arn: clusterArn(world, name),
          found: world.state.clusters.get(lastSegment(name)),
        }));
        const isThere = ({ arn, found }: (typeof looked)[number]): boolean => found?.arn === arn;
        return {
          clusters: looked
            .filter(isThere)
            .map(({ found }) => describedCluster(found!, input.include?.includes('TAGS') ?? false)),
          failures: looked.filter((one) => !isThere(one)).map(({ arn }) => ({ arn, reason: 'MISSING' })),
        };
      },
    }),
    ListClusters: operation<ListClustersRequest, ListClustersResponse>({
      permissions: () => [{ action: 'ecs:ListClusters', resource: '*' }],
      apply: (input) => {
        const page = pageOf([...world.state.clusters.values()], ({ arn }) => arn, input, { most: 100, usual: 100 });
        return { clusterArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
      },
    }),
    ...tagOperations(world),
  };
}

function describedCluster(cluster: ClusterRecord, withTags: boolean): Cluster {
  const totals = [...cluster.services.values()].map(totalsOf);
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: 'ACTIVE',
    registeredContainerInstancesCount: 0,
    runningTasksCount: totals.reduce((sum, { running }) => sum + running, 0),
    pendingTasksCount: totals.reduce((sum, { pending }) => sum + pending, 0),
    activeServicesCount: [...cluster.services.values()].filter(({ status }) => status === 'ACTIVE').length,
    statistics: [],
    tags: withTags ? copyOfTags(cluster.tags) : [],
    settings: [],
    capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
    defaultCapacityProviderStrategy: [],
  };
}

function tagOperations(world: World): Record<string, Operation> {
  return {
    TagResource: operation<TagResourceRequest, TagResourceResponse>({
      permissions: ({ resourceArn = '', tags = [] }) => [
        {
          action: 'ecs:TagResource',
          resource: resourceArn,
          context: { 'aws:TagKeys': tags.map(({ key }) => key ?? '') },
        },
      ],
      apply: ({ resourceArn = '', tags = [] }) => {
        const holder = tagHolder(world, resourceArn);
        const merged = [...new Map([...holder.read(), ...tags].map((tag) => [tag.key, tag])).values()];
        checkTags(tags);
        checkTags(merged);
        holder.write(copyOfTags(merged));
        return {};
      },
    }),
    UntagResource: operation<UntagResourceRequest, UntagResourceResponse>({
      permissions: ({ resourceArn = '', tagKeys = [] }) => [
        { action: 'ecs:UntagResource', resource: resourceArn, context: { 'aws:TagKeys': tagKeys } },
      ],
      apply: ({ resourceArn = '', tagKeys = [] }) => {
        const holder = tagHolder(world, resourceArn);
        holder.write(copyOfTags(holder.read().filter(({ key = '' }) => !tagKeys.includes(key))));
        return {};
      },
    }),
    ListTagsForResource: operation<ListTagsForResourceRequest, ListTagsForResourceResponse>({
      permissions: ({ resourceArn = '' }) => [{ action: 'ecs:ListTagsForResource', resource: resourceArn }],
      apply: ({ resourceArn = '' }) => {
        return { tags: copyOfTags(tagHolder(world, resourceArn).read()) };
      },
    }),
  };
}

interface TagHolder {
  read(): readonly Tag[];
  write(tags: Tag[]): void;
}

/** Task definitions, services and clusters carry tags here; tags of tasks are not modelled. */
function tagHolder(world: World, arn: string): TagHolder {
  const [, kind] = /^arn:aws[\w-]*:ecs:[\w-]+:\d{12}:([a-z-]+)\//.exec(arn) ?? [];
  if (kind === 'task-definition') {
    const record = findTaskDefinition(world, arn);
    if (record?.arn === arn) return { read: () => record.tags, write: (tags) => (record.tags = tags) };
  } else if (kind === 'service' || kind === 'cluster') {
    const cluster = world.state.clusters.get(kind === 'cluster' ? lastSegment(arn) : (clusterNameIn(arn) ?? ''));
    const found = kind === 'cluster' ? cluster : cluster?.services.get(lastSegment(arn));
    if (found?.arn === arn)
      return { read: () => found.tags, write: (tags) => void found.tags.splice(0, found.tags.length, ...tags) };
  } else if (kind !== undefined) {
    throw new NotModelled(`Tags of ${kind} resources`);
  }
  throw new Fault('InvalidParameterException', 'The specified resource was not found.');
}
