import type { ListImagesResponse } from '@aws-sdk/client-ecr';
import type { EcrCall } from './ecr-client.ts';
import { RegistryError } from './errors.ts';
import type { Handler } from './exchange.ts';

/** The longest page of ListImages (Amazon ECR API reference). */
const PAGE = 1000;

/** `GET /v2/<name>/tags/list?n=<limit>&last=<tag>`: all tags in the order of their characters, or a page of them. */
export const listTags: Handler = async ({ ecr, repositoryName, query }) => {
  const all = await tagsOf(ecr, repositoryName);
  const last = query.get('last');
  const left = last === null ? all : all.filter((tag) => tag > last);
  const limit = limitOf(query.get('n')) ?? left.length;
  const tags = left.slice(0, limit);
  const next = new URLSearchParams({ n: String(limit), last: tags.at(-1) ?? '' }).toString();
  const isCut = tags.length > 0 && tags.length < left.length;
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      ...(isCut && { link: `</v2/${repositoryName}/tags/list?${next}>; rel="next"` }),
    },
    body: JSON.stringify({ name: repositoryName, tags }),
  };
};

async function tagsOf(ecr: EcrCall, repositoryName: string): Promise<string[]> {
  const tags: string[] = [];
  let nextToken: string | undefined;
  do {
    const page: ListImagesResponse = await ecr<ListImagesResponse>('ListImages', {
      repositoryName,
      maxResults: PAGE,
      filter: { tagStatus: 'TAGGED' },
      nextToken,
    });
    tags.push(...(page.imageIds ?? []).map(({ imageTag }) => imageTag!));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  // By code units: every client continues from the same tag, whatever its language.
  return tags.sort((one, other) => (one < other ? -1 : 1));
}

function limitOf(n: string | null): number | undefined {
  if (n === null) return undefined;
  if (/^\d{1,9}$/.test(n)) return Number(n);
  throw new RegistryError(400, 'PAGINATION_NUMBER_INVALID', `n=${n} is not a number of tags`);
}
