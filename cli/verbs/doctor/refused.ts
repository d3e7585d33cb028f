import type { Refusal, RefusalReason } from '../../../functions/rollout/preflight.ts';
import { shortDigest } from '../../terminal/layout.ts';
import { problem, type Finding } from './finding.ts';

/** What the doctor calls the thing for which Preflight refuses. */
const SUBJECTS: Readonly<Record<RefusalReason, string>> = {
  ServiceMissing: 'service',
  ServiceNotActive: 'service',
  ShortServiceArn: 'service',
  ControllerNotSupported: 'controller',
  StrategyNotSupported: 'controller',
  NoPrimaryDeployment: 'service',
  NoRoomToRoll: 'room',
  TaskDefinitionMissing: 'task definition',
  FamilyMismatch: 'family',
  ContainerMissing: 'containers',
  SiblingByTag: 'containers',
  SiblingImageMissing: 'sidecar image',
  SiblingImageNotActive: 'sidecar image',
  ImageMissing: 'next image',
  ImageNotActive: 'next image',
  ManifestMissing: 'next image',
  ManifestUnreadable: 'next image',
  NotAnImage: 'next image',
  WrongPlatform: 'next image',
  RollbackTargetInactive: 'rollback target',
  RollbackTargetImageMissing: 'rollback image',
  RollbackTargetImageNotActive: 'rollback image',
};

/** What Preflight would say, said beforehand. */
export function refused({ reason, found, remedy }: Refusal): Finding {
  return problem(SUBJECTS[reason], `${shortDigest(found)}.`, remedy);
}
