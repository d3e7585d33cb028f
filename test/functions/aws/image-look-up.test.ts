import {
  DescribeImagesCommand,
  DescribePullThroughCacheRulesCommand,
  ECRClient,
  ECRServiceException,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { ecr as client } from '../../../functions/aws/clients.ts';
import { lookUpImages } from '../../../functions/aws/image-look-up.ts';
import type { RegistryName } from '../../../functions/rollout/needed-images.ts';
import { repositoryElsewhere } from '../../elsewhere.ts';
import { digest } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';

const ecr = mockClient(ECRClient);
useEnvironment();
afterAll(() => ecr.restore());
beforeEach(() => {
  ecr.reset();
  ecr.on(DescribeImagesCommand).rejects(new ImageNotFoundException({ message: 'x', $metadata: {} }));
  ecr.on(DescribePullThroughCacheRulesCommand).resolves({ pullThroughCacheRules: [] });
});

const OWN: RegistryName = { repository: 'team/web', reference: digest('a') };
const SIDECAR: RegistryName = { repository: 'hub/library/nginx', reference: '1' };
const refusal = (name: string): ECRServiceException =>
  new ECRServiceException({ name, $fault: 'client', $metadata: {}, message: 'no' });
const look = (): ReturnType<typeof lookUpImages> =>
  lookUpImages(client, repositoryElsewhere('team/web'), [OWN, SIDECAR]);
const has = ({ repository, reference }: RegistryName, imageStatus: 'ACTIVE' | 'ARCHIVED'): void => {
  const isDigest = reference.startsWith('sha256:');
  const imageIds = [isDigest ? { imageDigest: reference } : { imageTag: reference }];
  const detail = isDigest ? { imageDigest: reference } : { imageDigest: digest('f'), imageTags: [reference] };
  ecr
    .on(DescribeImagesCommand, { repositoryName: repository, imageIds })
    .resolves({ imageDetails: [{ ...detail, imageStatus }] });
};

it('asks every repository for its own images', async () => {
  has(OWN, 'ACTIVE');
  has(SIDECAR, 'ARCHIVED');
  expect(await look()).toEqual({
    imageStatus: { [digest('a')]: 'ACTIVE', 'hub/library/nginx:1': 'ARCHIVED' },
    unseen: {},
  });
  expect(ecr.commandCalls(DescribePullThroughCacheRulesCommand)).toHaveLength(0);
});

it.each([
  ['the image', new ImageNotFoundException({ message: 'x', $metadata: {} })],
  ['the repository', new RepositoryNotFoundException({ message: 'x', $metadata: {} })],
])('takes what is missing for gone: %s', async (_what, error) => {
  has(OWN, 'ACTIVE');
  ecr.on(DescribeImagesCommand, { repositoryName: SIDECAR.repository }).rejects(error);
  expect(await look()).toEqual({ imageStatus: { [digest('a')]: 'ACTIVE' }, unseen: {} });
});

it.each<[string, boolean]>([
  ['hub', true],
  ['ROOT', true],
  ['hu', false],
  ['hub/library/nginx/1', false],
])(
  'where a pull through cache rule has the prefix %s, what is missing may still be pulled: %s',
  async (prefix, may) => {
    has(OWN, 'ACTIVE');
    ecr.on(DescribePullThroughCacheRulesCommand).resolves({ pullThroughCacheRules: [{ ecrRepositoryPrefix: prefix }] });
    const { imageStatus, unseen } = await look();
    expect(imageStatus).toEqual({ [digest('a')]: 'ACTIVE' });
    expect(unseen).toEqual(may ? { 'hub/library/nginx:1': 'ECR fetches it from upstream' } : {});
  },
);

it.each([
  ['the images', DescribeImagesCommand],
  ['the rules of the cache', DescribePullThroughCacheRulesCommand],
])('says why it does not know where nobody may look at %s, or ECR is in trouble', async (what, command) => {
  for (const name of ['AccessDeniedException', 'ServerException']) {
    has(OWN, 'ACTIVE');
    const filter = what === 'the images' ? { repositoryName: SIDECAR.repository } : {};
    ecr.on(command as typeof DescribeImagesCommand, filter as never).rejects(refusal(name));
    expect((await look()).unseen).toEqual({ 'hub/library/nginx:1': name });
  }
});

it.each([
  ['the images', DescribeImagesCommand],
  ['the rules of the cache', DescribePullThroughCacheRulesCommand],
])('comes again where somebody else uses up the rate at which %s are looked at', async (what, command) => {
  has(OWN, 'ACTIVE');
  const filter = what === 'the images' ? { repositoryName: SIDECAR.repository } : {};
  ecr.on(command as typeof DescribeImagesCommand, filter as never).rejects(refusal('ThrottlingException'));
  await expect(look()).rejects.toMatchObject({ name: 'ThrottlingException' });
});

it('does not pass over trouble with the rolled repository, nor over what is no fault of AWS', async () => {
  ecr.on(DescribeImagesCommand, { repositoryName: OWN.repository }).rejects(refusal('AccessDeniedException'));
  await expect(look()).rejects.toThrow('no');
  has(OWN, 'ACTIVE');
  ecr.on(DescribeImagesCommand, { repositoryName: SIDECAR.repository }).rejects(new RangeError('a mistake'));
  await expect(look()).rejects.toThrow('a mistake');
});

it('tells of an image that the repository has, though ECR would fetch another one beside it', async () => {
  ecr.on(DescribePullThroughCacheRulesCommand).resolves({ pullThroughCacheRules: [{ ecrRepositoryPrefix: 'hub' }] });
  has(OWN, 'ACTIVE');
  has(SIDECAR, 'ARCHIVED');
  const other = { ...SIDECAR, reference: '2' };
  const { imageStatus, unseen } = await lookUpImages(client, repositoryElsewhere('team/web'), [OWN, SIDECAR, other]);
  expect(imageStatus).toEqual({ [OWN.reference]: 'ACTIVE', 'hub/library/nginx:1': 'ARCHIVED' });
  expect(unseen).toEqual({ 'hub/library/nginx:2': 'ECR fetches it from upstream' });
});

it('asks for the rules of the cache once, however many repositories lack something', async () => {
  ecr.on(DescribePullThroughCacheRulesCommand).resolves({ pullThroughCacheRules: [{ ecrRepositoryPrefix: 'hub' }] });
  has(OWN, 'ACTIVE');
  const others = [SIDECAR, { repository: 'hub/redis', reference: '7' }, { repository: 'quay/envoy', reference: '1' }];
  const { unseen } = await lookUpImages(client, repositoryElsewhere('team/web'), [OWN, ...others]);
  expect(Object.keys(unseen)).toEqual(['hub/library/nginx:1', 'hub/redis:7']);
  expect(ecr.commandCalls(DescribePullThroughCacheRulesCommand)).toHaveLength(1);

  // The next decision asks anew, and one failure is told of all of them.
  ecr.on(DescribePullThroughCacheRulesCommand).rejects(refusal('AccessDeniedException'));
  const denied = await lookUpImages(client, repositoryElsewhere('team/web'), [OWN, ...others]);
  expect(Object.values(denied.unseen)).toEqual(Array(3).fill('AccessDeniedException'));
  expect(ecr.commandCalls(DescribePullThroughCacheRulesCommand)).toHaveLength(2);
});
