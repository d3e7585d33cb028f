import type { EFSVolumeConfiguration, RegisterTaskDefinitionRequest, Volume } from '@aws-sdk/client-ecs';
import { firstDouble, refuse } from './client-exception.ts';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** Volumes, and what containers mount of them. */
export function checkVolumes({ volumes = [], containerDefinitions = [] }: RegisterTaskDefinitionRequest): void {
  for (const volume of volumes) checkVolume(volume);
  const double = firstDouble(volumes.map(({ name }) => name));
  if (double !== undefined) refuse(`Duplicate volume name '${double}'.`);
  const names = new Set(volumes.map(({ name }) => name));
  for (const { name, mountPoints = [] } of containerDefinitions) {
    for (const { sourceVolume, containerPath } of mountPoints) {
      if (!sourceVolume || !names.has(sourceVolume)) refuse(`Unknown volume '${sourceVolume ?? ''}'.`);
      if (!containerPath)
        refuse(`Mount point of volume '${sourceVolume}' on container '${name}' needs a 'containerPath'.`);
    }
    const path = firstDouble(mountPoints.map(({ containerPath }) => containerPath));
    if (path !== undefined) refuse(`Duplicate mount point '${path}' on container '${name}'.`);
  }
  const mounted = new Set(
    containerDefinitions.flatMap(({ mountPoints = [] }) => mountPoints.map((each) => each.sourceVolume)),
  );
  const unmounted = volumes.filter(({ name, configuredAtLaunch }) => configuredAtLaunch && !mounted.has(name));
  if (unmounted.length > 0)
    refuse(`Volumes [${unmounted.map(({ name }) => name).join(', ')}] are not referenced by any of the containers`);
}

function checkVolume(volume: Volume): void {
  const { name = '', efsVolumeConfiguration } = volume;
  if (!NAME.test(name))
    refuse(
      `Invalid volume name '${name}': 1 to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens.`,
    );
  const kinds = (
    ['host', 'dockerVolumeConfiguration', 'efsVolumeConfiguration', 'fsxWindowsFileServerVolumeConfiguration'] as const
  ).filter((kind) => volume[kind] !== undefined);
  if (kinds.length > 1) refuse(`Volume '${name}' is of more than one kind: ${kinds.join(', ')}.`);
  if (volume.configuredAtLaunch && kinds.length > 0)
    refuse(`Volume '${name}' is configured at launch: ${kinds[0]} must not be specified.`);
  if (efsVolumeConfiguration) checkEfs(name, efsVolumeConfiguration);
}

function checkEfs(volume: string, efs: EFSVolumeConfiguration): void {
  const { fileSystemId = '', rootDirectory, transitEncryption, transitEncryptionPort, authorizationConfig } = efs;
  if (!/^(arn:[^:]+:elasticfilesystem:[^:]+:\d{12}:file-system\/)?fs-[0-9a-f]+$/.test(fileSystemId))
    refuse(`Invalid file system '${fileSystemId}' of volume '${volume}'.`);
  const isEncrypted = transitEncryption === 'ENABLED';
  if (transitEncryptionPort !== undefined && !isEncrypted)
    refuse('TransitEncryptionPort requires that TransitEncryption is enabled');
  if (authorizationConfig?.iam === 'ENABLED' && !isEncrypted)
    refuse('EFS IAM authorization requires TransitEncryption to be enabled');
  if (authorizationConfig?.accessPointId === undefined) return;
  if (!isEncrypted) refuse('EFS access points require TransitEncryption to be enabled');
  if (rootDirectory !== undefined && rootDirectory !== '/')
    refuse('When using an EFS access point, the root directory must either be set to "/" or be omitted');
}
