import { everyRecord } from '../../functions/aws/history.ts';
import { readState } from '../../functions/aws/ledger-table.ts';
import { asImageDigest, type ImageDigest } from '../../functions/rollout/identifiers.ts';
import type { DeployedCell } from './deployed-cell.ts';
import { UsageError } from '../terminal/command.ts';

const SHORT_DIGEST = /^(?:sha256:)?[0-9a-f]{6,63}$/;

/** The digest that a flag means: all of it, or its first digits, at least six, if the ledger knows one image with them. */
export async function meantDigest(cell: DeployedCell, flag: string, text: string): Promise<ImageDigest> {
  const whole = asImageDigest(text);
  if (whole) return whole;
  if (!SHORT_DIGEST.test(text))
    throw new UsageError(`--${flag} ${text}: give sha256: and its first hexadecimal digits, at least six`);
  const prefix = text.startsWith('sha256:') ? text : `sha256:${text}`;
  const found = (await knownDigests(cell)).filter((digest) => digest.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  const how = found.length === 0 ? 'no past rollout knows it' : `${found.length} images begin so`;
  throw new UsageError(`--${flag} ${text}: ${how}; give all 64 digits (rollouts history --json)`);
}

/** Every digest that the ledger and its history name. */
export async function knownDigests(cell: DeployedCell): Promise<ImageDigest[]> {
  const { verified, quarantine, seen } = await readState(cell.ledger);
  const digests = new Set([...verified, ...quarantine, seen].map((each) => each?.digest));
  for await (const page of everyRecord(cell.ledger)) for (const { image } of page) digests.add(image?.digest);
  return [...digests].filter((digest) => digest !== undefined);
}
