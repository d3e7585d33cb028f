import { createEcr, type EcrService } from '../../../region/ecr/ecr.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import type { BusEvent } from '../../../region/service.ts';

/** ECR without the other services: what it emits is kept, and whoever asks for a token gets the same access key. */
export function ecrAlone(): { readonly kernel: Kernel; readonly events: BusEvent[]; readonly ecr: EcrService } {
  const kernel = new Kernel();
  const events: BusEvent[] = [];
  const emit = (event: BusEvent): void => void events.push(event);
  const place = { account: '123456789012', region: 'us-east-1' };
  return { kernel, events, ecr: createEcr({ kernel, ...place, emit, issueAccessKey: () => 'ASIA' }) };
}
