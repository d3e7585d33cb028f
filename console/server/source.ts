import type { Place, RolloutDocument, ServiceDocument } from '../documents.ts';
import type { ActRequest, ActTold, Foreseen } from '../acts.ts';

/** What the console shows and does: the only thing that it knows of an account. */
export interface Source {
  readonly place: Place;
  /** Names of all services, `cluster/service`; undefined until somebody could look. */
  services(): readonly string[] | undefined;
  /** Looks which services there are; never throws: what failed is part of the place. */
  discover(): Promise<void>;
  /** One look at a service; never throws: what failed is part of the document. */
  look(service: string): Promise<ServiceDocument>;
  /** A rollout in full; undefined where there is none. */
  rollout(service: string, rolloutId: string): Promise<RolloutDocument | undefined>;
  /** What an act would do, with a fingerprint of what that was told from. */
  foresee(request: ActRequest): Promise<Foreseen>;
  /** Does it, unless the world differs from the fingerprint. */
  act(request: ActRequest): Promise<ActTold>;
}
