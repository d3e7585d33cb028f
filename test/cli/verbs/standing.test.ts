import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { DeployedCell } from '../../../cli/account/deployed-cell.ts';
import { readStanding } from '../../../cli/verbs/status/standing.ts';
import { config, digest, owner, ledger, NOW, proven, quarantined, record } from '../../functions/rollout/given.ts';

const OWNED = { ...ledger({ owner: owner({ image: { digest: digest('c'), selectedAt: NOW } }) }) };

type Answers = Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => object>>;

/** A cell in an account that answers so: each by the name of the command. */
function cellThat(answers: Answers): DeployedCell {
  const all: Answers = {
    DescribeExecutionCommand: () => ({ status: 'RUNNING' }),
    ListExecutionsCommand: () => ({ executions: [] }),
    DescribeServicesCommand: () => ({ services: [] }),
    ListTaskDefinitionsCommand: () => ({ taskDefinitionArns: [] }),
    DescribeImagesCommand: () => ({ imageDetails: [] }),
    GetItemCommand: () => ({ Item: marshall(OWNED, { removeUndefinedValues: true }) }),
    QueryCommand: () => ({ Items: [] }),
    ...answers,
  };
  const client = {
    send: async (command: { readonly input: Record<string, unknown> }) => all[command.constructor.name]!(command.input),
  };
  const clients = { sfn: client, ecs: client, ecr: client, dynamodb: client };
  return { clients, ledger: { client }, config: config() } as never;
}

describe('how a service stands', () => {
  it('has a tag of the image that is rolled where the ledger knows none, but not one that only keeps it', async () => {
    const tagged = (imageTags: string[]) => ({
      DescribeImagesCommand: () => ({ imageDetails: [{ imageDigest: digest('c'), imageTags }] }),
    });
    expect(await readStanding(cellThat(tagged(['rollouts-keep-web-1', 'v1'])))).toMatchObject({ ownerTag: 'v1' });
    expect((await readStanding(cellThat(tagged(['rollouts-keep-web-1'])))).ownerTag).toBeUndefined();
  });

  it('has the tags that quarantined images have now, but none that only keeps one, though one of them is gone', async () => {
    const state = ledger({ quarantine: [quarantined('b'), quarantined('c')] });
    const kept = { imageDigest: digest('b'), imageTags: ['v2', 'rollouts-keep-web-3'] };
    const read = (ids: readonly { readonly imageDigest?: string }[]) => {
      if (ids.some(({ imageDigest }) => imageDigest === digest('c'))) refusal('ImageNotFoundException')();
      return { imageDetails: [kept] };
    };
    const cell = cellThat({
      GetItemCommand: () => ({ Item: marshall(state, { removeUndefinedValues: true }) }),
      DescribeImagesCommand: ({ imageIds }) => read(imageIds as never),
    });
    expect((await readStanding(cell)).quarantineTags).toEqual({ [digest('b')]: ['v2'] });
  });

  it('has what may be gone back to, the newest first: neither quarantined nor gone, and each image once', async () => {
    const verified = [
      proven('f', 6),
      { ...proven('e', 5), at: NOW - 1000 },
      proven('d', 4),
      { ...proven('e', 3), at: 1 },
    ];
    const state = ledger({ verified, quarantine: [quarantined('d')] });
    const tags: Readonly<Record<string, string[]>> = {
      [digest('d')]: ['v4'],
      [digest('e')]: ['rollouts-keep-web-2', 'v5'],
      [digest('f')]: ['rollouts-keep-web-1'],
    };
    const asked: string[][] = [];
    const cell = cellThat({
      GetItemCommand: () => ({ Item: marshall(state, { removeUndefinedValues: true }) }),
      DescribeImagesCommand: ({ imageIds }) => {
        const ids = (imageIds as { imageDigest: string }[]).map(({ imageDigest }) => imageDigest);
        asked.push(ids);
        return { imageDetails: ids.map((imageDigest) => ({ imageDigest, imageTags: tags[imageDigest] })) };
      },
    });
    expect((await readStanding(cell)).proven).toEqual(
      [
        { digest: digest('f'), tag: undefined, provenAt: proven('f', 6).at },
        { digest: digest('e'), tag: 'v5', provenAt: NOW - 1000 },
      ].toSorted((one, other) => other.provenAt - one.provenAt),
    );
    expect(asked).toEqual([[digest('d'), digest('f'), digest('e')]]);
  });

  it.each([
    [
      'what people were told of, not its acknowledgement',
      ['NO_CHANGE', 'FAILED_ROLLBACK', 'SUCCEEDED'],
      'FAILED_ROLLBACK',
    ],
    ['the newest where none was announced', ['SUPERSEDED', 'NO_CHANGE'], 'SUPERSEDED'],
  ] as const)('ended last with %s', async (_case, outcomes, expected) => {
    const Items = outcomes.map((outcome, index) =>
      marshall({ ...record({ outcome }), entry: `ended#${index}` }, { removeUndefinedValues: true }),
    );
    const { last, ended } = await readStanding(cellThat({ QueryCommand: () => ({ Items }) }));
    expect(last?.outcome).toBe(expected);
    expect(ended).toHaveLength(outcomes.length);
  });

  it('is that nothing runs, where not even the cluster is there', async () => {
    const standing = await readStanding(cellThat({ DescribeServicesCommand: refusal('ClusterNotFoundException') }));
    expect(standing.running).toBeUndefined();
    const denied = readStanding(cellThat({ DescribeServicesCommand: refusal('AccessDeniedException') }));
    await expect(denied).rejects.toThrow('no');
  });
});

function refusal(name: string): () => never {
  return () => {
    throw Object.assign(new Error('no'), { name });
  };
}
