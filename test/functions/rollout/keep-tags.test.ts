import { describe, expect, it } from 'vitest';
import { haveTagsMoved } from '../../../functions/rollout/keep-tags.ts';
import type { RegistryImage } from '../../../functions/rollout/select-image.ts';
import { digest, ledger, NOW, proven } from './given.ts';

const STATE = ledger({ verified: [proven('b', 2, { keepSlot: 2 }), proven('a', 1, { keepSlot: 1 })] });
const KEEPING = { keepTagPrefix: 'keep-' };
const image = (digit: string, ...tags: string[]): RegistryImage => ({ digest: digest(digit), tags, pushedAt: NOW });

describe('keep tags', () => {
  it.each<[string, boolean, RegistryImage[]]>([
    ['are in their place', false, [image('a', 'keep-1'), image('b', 'live', 'keep-2'), image('c', 'v3')]],
    ['are on another image', true, [image('a', 'v1', 'keep-1'), image('c', 'keep-2')]],
    ['have left a proven image', true, [image('b', 'live')]],
    ['have changed places', true, [image('a', 'keep-2'), image('b', 'keep-1')]],
    ['may be anywhere where the images are not seen', false, [image('c', 'live')]],
    ['of slots that nobody has are left alone', false, [image('c', 'keep-7', 'keep-baseline')]],
  ])('%s: %s', (_case, haveMoved, images) => {
    expect(haveTagsMoved(images, STATE, KEEPING)).toBe(haveMoved);
  });

  it('are no matter where no images are kept', () => {
    expect(haveTagsMoved([image('b', 'live')], STATE, {})).toBe(false);
  });
});
