import { expect, it } from 'vitest';
import { pageOf } from '../../region/page.ts';
import { Fault } from '../../region/service.ts';

const letters = ['a', 'b', 'c', 'd', 'e'];
const refusal = (): Fault => new Fault('InvalidNextToken', 'no such token');
const page = (size: number, token?: string) => pageOf(letters, size, token, refusal);

it('hands out everything once, whatever the size of its pages', () => {
  for (const size of [1, 2, 5, 9]) {
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const { items, nextToken } = page(size, token);
      expect(items.length).toBeLessThanOrEqual(size);
      seen.push(...items);
      token = nextToken;
    } while (token !== undefined);
    expect(seen).toEqual(letters);
  }
});

it('ends where the list ends, even when that is the end of a page', () => {
  expect(page(5)).toEqual({ items: letters, nextToken: undefined });
});

it.each([
  ['', 'nothing'],
  ['nonsense', 'no base64 of anything'],
  [Buffer.from('from -1').toString('base64'), 'a place before the list'],
  [Buffer.from('from 6').toString('base64'), 'a place behind the list'],
  [`${Buffer.from('from 2').toString('base64')}!`, 'a token with something behind it'],
])('refuses %j: %s', (token) => {
  expect(() => page(2, token)).toThrow(expect.objectContaining({ code: 'InvalidNextToken' }));
});
