import type { ActRequest } from '../../console/acts.ts';
import type { Place, RolloutDocument, ServiceDocument } from '../../console/documents.ts';
import type { Source } from '../../console/server/source.ts';

/** A source whose services are what a test says they are; it counts what it is asked for. */
export interface GivenSource extends Source {
  readonly looks: string[];
  readonly acted: ActRequest[];
  documents: ServiceDocument[];
}

/** A source of these documents. */
export function givenSource(
  documents: ServiceDocument[],
  place: Partial<Place> = {},
  rollouts: ReadonlyMap<string, RolloutDocument> = new Map(),
): GivenSource {
  const source: GivenSource = {
    place: { account: '123456789012', region: 'us-east-1', caller: 'user/mara', isReadOnly: false, ...place },
    documents,
    looks: [],
    acted: [],
    services: () => source.documents.map(({ service }) => service),
    discover: () => Promise.resolve(),
    look: (service) => {
      source.looks.push(service);
      return Promise.resolve(source.documents.find((one) => one.service === service)!);
    },
    rollout: (_, rolloutId) => Promise.resolve(rollouts.get(rolloutId)),
    foresee: () => Promise.reject(new Error('nothing is foreseen here')),
    act: async (request) => {
      source.acted.push(request);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { kind: 'done', message: `acted ${source.acted.length}` };
    },
  };
  return source;
}
