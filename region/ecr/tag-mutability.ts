import type { ImageTagMutability, ImageTagMutabilityExclusionFilter } from '@aws-sdk/client-ecr';
import { NotModelled } from '../service.ts';
import { invalidParameter } from './faults.ts';

/** Whether tags may move, and which are excepted from that. */
export interface TagMutability {
  readonly imageTagMutability: ImageTagMutability;
  readonly exclusionFilters: readonly ImageTagMutabilityExclusionFilter[];
}

/** Amazon ECR API reference, ImageTagMutabilityExclusionFilter. */
const FILTERS_MAX = 5;
const FILTER = /^[0-9a-zA-Z._*-]{1,128}$/;
/** An assumption on the safe side: the API reference limits characters and length, not the number of wildcards. */
const WILDCARDS_MAX = 2;

/** Whether `tag`, once set, may never name another image. */
export function isImmutable(tag: string, { imageTagMutability, exclusionFilters }: TagMutability): boolean {
  const isExcluded = exclusionFilters.some(({ filter }) => matchesWildcard(tag, filter!));
  switch (imageTagMutability) {
    case 'MUTABLE':
      return false;
    case 'IMMUTABLE':
      return true;
    case 'IMMUTABLE_WITH_EXCLUSION':
      return !isExcluded;
    case 'MUTABLE_WITH_EXCLUSION':
      return isExcluded;
    default:
      return imageTagMutability satisfies never;
  }
}

/** Refuses what ECR refuses: filters without a setting that uses them, and the reverse. */
export function checkTagMutability({ imageTagMutability, exclusionFilters }: TagMutability): void {
  const takesFilters = imageTagMutability.endsWith('_WITH_EXCLUSION');
  if (takesFilters !== exclusionFilters.length > 0 || exclusionFilters.length > FILTERS_MAX) {
    throw invalidParameter(
      'imageTagMutabilityExclusionFilters',
      `1 to ${FILTERS_MAX} with *_WITH_EXCLUSION, else none`,
    );
  }
  for (const { filterType, filter = '' } of exclusionFilters) {
    if (filterType !== 'WILDCARD' || !FILTER.test(filter)) {
      throw invalidParameter('imageTagMutabilityExclusionFilters', `WILDCARD, ${FILTER.source}`);
    }
    if (filter.split('*').length - 1 > WILDCARDS_MAX) {
      throw new NotModelled(`An ECR tag filter with more than ${WILDCARDS_MAX} '*' (${filter})`);
    }
  }
}

/** Whether `tag` is what `filter` means; `*` stands for any run of characters. */
export function matchesWildcard(tag: string, filter: string): boolean {
  const pattern = filter
    .split('*')
    .map((literal) => literal.replaceAll('.', '\\.'))
    .join('.*');
  return new RegExp(`^${pattern}$`).test(tag);
}
