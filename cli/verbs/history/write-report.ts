import { writeFileSync } from 'node:fs';
import { rolloutReport } from '../../../console/report/rollout-report.tsx';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { readService } from '../console/service-reader.ts';

/** Reads all that is still known of an ended rollout, and writes its picture as one file. */
export async function writeReport(cell: DeployedCell, rolloutId: string, path: string, now: number): Promise<void> {
  const document = await readService(cell, (newest) => Math.max(newest, now)).rollout(rolloutId);
  if (document) writeFileSync(path, await rolloutReport(document, now));
}
