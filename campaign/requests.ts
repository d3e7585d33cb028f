import type { World } from '../rehearsal/world.ts';
import type { Request } from './plan.ts';
import type { Pushed } from './stage.ts';

const REASON = 'the campaign wants it';

/** What an execution is started with; undefined for what needs an image where none was pushed. */
export function inputOf(request: Request, image: Pushed | undefined, world: World): object | undefined {
  switch (request) {
    case 'follow':
      return {};
    case 'rollback':
      return { rollback: true };
    case 'force-follow':
      return { force: true, reason: REASON };
    case 'tick':
      return { tick: true };
    case 'nonsense':
      return { image: { digest: 'sha256:42' }, service: 'another' };
    default:
      return image && inputWith(request, image, world);
  }
}

type WithImage = Exclude<Request, 'follow' | 'rollback' | 'force-follow' | 'tick' | 'nonsense'>;

function inputWith(request: WithImage, { digest, tag }: Pushed, world: World): object {
  switch (request) {
    case 'digest':
      return { image: { digest } };
    case 'tag':
      return { image: { tag }, reason: REASON };
    case 'rollback-to':
      return { rollback: { to: digest } };
    case 'force':
      return { image: { digest }, force: true, reason: REASON };
    case 'replay':
      return eventOf(digest, tag, world);
  }
}

/** The event that ECR sent of a push, as somebody finds it in a log. */
function eventOf(digest: string, tag: string, { region, config }: World): object {
  return {
    version: '0',
    id: '1',
    'detail-type': 'ECR Image Action',
    source: 'aws.ecr',
    account: region.account,
    time: new Date(region.kernel.now).toISOString(),
    region: region.region,
    resources: [],
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': config.repository,
      'image-digest': digest,
      'image-tag': tag,
    },
  };
}
