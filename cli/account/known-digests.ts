import { everyRecord } from '../../functions/aws/history.ts';
import { readState } from '../../functions/aws/ledger-table.ts';
import { listPage } from '../../functions/aws/registry.ts';
import { asImageDigest, type ImageDigest } from '../../functions/rollout/identifiers.ts';
import type { DeployedCell } from './deployed-cell.ts';
import { UsageError } from '../terminal/command.ts';

const SHORT_DIGEST = /^sha256:[0-9a-f]{6,63}$/;

/**
 * The digest that a flag means, with or without `sha256:`: all of it, or its first digits, at least six, if the ledger knows one
 * image with them or, where it knows none, ECR lists one.
 */
export async function meantDigest(cell: DeployedCell, flag: string, text: string): Promise<ImageDigest> {
  const prefix = text.startsWith('sha256:') ? text : `sha256:${text}`;
  const whole = asImageDigest(prefix);
  if (whole) return whole;
  if (!SHORT_DIGEST.test(prefix))
    throw new UsageError(`--${flag} ${text}: give a digest, or its first hexadecimal digits, at least six`);
  const known = (await knownDigests(cell)).filter((digest) => digest.startsWith(prefix));
  const found = known.length > 0 ? known : (await listedDigests(cell)).filter((digest) => digest.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  const how =
    found.length === 0
      ? `no past rollout knows it, nor does ECR list it in ${cell.config.repository}`
      : `${found.length} images begin so`;
  throw new UsageError(`--${flag} ${text}: ${how}; give all 64 digits (rollouts history --json)`);
}

/** Every digest that the ledger and its history name. */
export async function knownDigests(cell: DeployedCell): Promise<ImageDigest[]> {
  const { verified, quarantine, seen } = await readState(cell.ledger);
  const digests = new Set([...verified, ...quarantine, seen].map((each) => each?.digest));
  for await (const page of everyRecord(cell.ledger)) for (const { image } of page) digests.add(image?.digest);
  return [...digests].filter((digest) => digest !== undefined);
}

/** Of the images that ECR lists first: in a large repository not all of them. */
async function listedDigests({ clients, config }: DeployedCell): Promise<ImageDigest[]> {
  return (await listPage(clients.ecr, config.repository)).images.map(({ digest }) => digest);
}
