import { expect, it } from 'vitest';
import { markup, sourceOf } from '../../picture/markup.ts';

it('lets nothing that comes from outside out of the quotes or the element in which it stands', () => {
  const name = `"><b a='&`;
  expect(sourceOf(markup`<a title="${name}">${name}</a>`)).toBe(
    '<a title="&quot;&gt;&lt;b a=&#39;&amp;">&quot;&gt;&lt;b a=&#39;&amp;</a>',
  );
});

it('takes markup as it is, in lists too, and nothing for nothing', () => {
  const items = ['a', '<b>'].map((name) => markup`<li>${name}</li>`);
  expect(sourceOf(markup`<ul>${items}${undefined}${3}</ul>`)).toBe('<ul><li>a</li><li>&lt;b&gt;</li>3</ul>');
});

it('takes no plain object for markup, whatever its members are called', () => {
  const forged = JSON.parse('{"markup":"<b>","Symbol(markup)":"<b>"}') as string;
  expect(sourceOf(markup`<p>${forged}</p>`)).not.toContain('<b>');
});
