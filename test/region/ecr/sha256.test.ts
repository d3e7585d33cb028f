import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { addBytes, hexDigest, newSha256 } from '../../../region/ecr/sha256.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7 + 3) % 256);
const expected = (part: Uint8Array): string => createHash('sha256').update(part).digest('hex');

describe('our SHA-256 is that of Node.js', () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000])('of %d bytes', (length) => {
    const hash = newSha256();
    addBytes(hash, bytes.subarray(0, length));
    expect(hexDigest(hash)).toBe(expected(bytes.subarray(0, length)));
  });

  it.each([1, 13, 63, 64, 65, 200])('of bytes that come in parts of %d', (size) => {
    const hash = newSha256();
    for (let at = 0; at < bytes.length; at += size) addBytes(hash, bytes.subarray(at, at + size));
    expect(hexDigest(hash)).toBe(expected(bytes));
  });

  it('goes on after it was asked, and in a copy', () => {
    const hash = newSha256();
    addBytes(hash, bytes.subarray(0, 100));
    expect(hexDigest(hash)).toBe(expected(bytes.subarray(0, 100)));
    const copy = structuredClone(hash);
    addBytes(hash, bytes.subarray(100));
    expect(hexDigest(hash)).toBe(expected(bytes));
    expect(hexDigest(copy)).toBe(expected(bytes.subarray(0, 100)));
    addBytes(copy, bytes.subarray(100, 101));
    expect(hexDigest(copy)).toBe(expected(bytes.subarray(0, 101)));
  });
});
