import { beforeEach, describe, expect, it } from 'vitest';
import { createRegion, type Region } from '../../../region/region.ts';
import { createPusher, ISSUER, PROVIDER_ARN, trusting } from './github-fixture.ts';

const AUD = 'sts.amazonaws.com';

let region: Region;

beforeEach(() => {
  region = createRegion();
});

describe('a role that trusts GitHub', () => {
  const REFUSAL =
    `Trust policy with trusted principal ${PROVIDER_ARN} must evaluate, using StringEquals, StringLike or ` +
    `StringEqualsIgnoreCase, ${ISSUER}:sub or ${ISSUER}:job_workflow_ref which is not scoped to all.`;

  it.each([
    ['no condition', {}],
    ['the audience only', { StringEquals: { aud: AUD } }],
    ['other claims only, however tight', { StringEquals: { aud: AUD, repository_id: '1', ref: 'refs/heads/main' } }],
    ['a subject that is all', { StringLike: { sub: '*' } }],
    ['a subject of wildcards', { StringLike: { sub: '*?*' } }],
    ['an empty subject', { StringLike: { sub: '' } }],
    ['a list of subjects with one that is all', { StringLike: { sub: ['repo:harbour/*', '*'] } }],
    ['subjects that it does not want', { StringNotLike: { sub: 'repo:eve/*' } }],
  ])('is refused with %s', async (_, conditions) => {
    await expect(createPusher(region, trusting(conditions))).rejects.toMatchObject({
      code: 'MalformedPolicyDocument',
      message: REFUSAL,
    });
  });

  it.each([
    ['one subject', { StringEquals: { sub: 'repo:harbour/lighthouse:ref:refs/heads/main' } }],
    ['every subject there is, in other words than *', { StringLike: { sub: 'repo:*' } }],
    ['no audience', { StringLike: { sub: 'repo:harbour/*' } }],
    ['a called workflow instead of the subject', { StringLike: { job_workflow_ref: 'harbour/*' } }],
    ['letter case that does not matter', { StringEqualsIgnoreCase: { sub: 'repo:Harbour/lighthouse:pull_request' } }],
  ])('is created with %s', async (_, conditions) => {
    await expect(createPusher(region, trusting(conditions))).resolves.toBeUndefined();
  });

  it.each(['ForAllValues:StringLike', 'ForAnyValue:StringEquals', 'StringLikeIfExists'])(
    'by %s alone is refused as unknown: nobody documents what IAM makes of it',
    async (operator) => {
      const create = createPusher(region, trusting({ [operator]: { sub: 'repo:harbour/*' } }));
      await expect(create).rejects.toThrow(`evaluates its subject only by ${operator} is not modelled`);
    },
  );

  it('is guarded in every statement that allows, and in none that denies', async () => {
    const good = trusting({ StringLike: { sub: 'repo:harbour/*' } }).Statement[0]!;
    const bad = trusting({ StringEquals: { aud: AUD } }).Statement[0]!;
    const create = (Statement: object[]) => createPusher(region, { Version: '2012-10-17', Statement });
    await expect(create([good, bad])).rejects.toThrow(REFUSAL);
    await expect(create([good, { ...bad, Effect: 'Deny' }])).resolves.toBeUndefined();
  });
});
