import { describe, expect, it } from 'vitest';
import { matchesFilter } from '../../../region/logs/filter-pattern.ts';
import { Fault, NotModelled } from '../../../region/service.ts';

describe('terms', () => {
  it.each([
    ['', 'anything', true],
    ['ERROR', '[ERROR] bad', true],
    ['ERROR', '[error] bad', false],
    ['ERROR bad', 'bad ERROR', true],
    ['ERROR bad', 'ERROR good', false],
    ['"ERROR bad"', 'bad ERROR', false],
    ['"a \\"b\\""', 'say a "b" now', true],
    ['ERROR -Exiting', 'Exiting with ERROR', false],
    ['ERROR -Exiting', 'ERROR stays', true],
    ['-"not this"', 'not that', true],
    ['?ERROR ?WARN', '[WARN] x', true],
    ['?ERROR ?WARN', '[INFO] x', false],
    ['?"no way" ?WARN', 'there is no way', true],
    ['INFO ?ERROR', 'INFO alone', true],
    ['?ERROR -WARN', 'INFO alone', true],
    ['?ERROR -WARN', 'WARN ERROR', false],
  ])('%s on "%s": %s', (pattern, message, expected) => {
    expect(matchesFilter(pattern)(message)).toBe(expected);
  });

  it.each(['a.b', 'level:ERROR', '--x', '?', '-', '"open', 'x ?-y'])('%s is refused', (pattern) => {
    expect(() => matchesFilter(pattern)).toThrow(/^Invalid character\(s\) in term/);
  });
});

describe('conditions on JSON', () => {
  const event = {
    level: 'ERROR',
    status: 404,
    latency: 12.5,
    ok: true,
    bad: false,
    nothing: null,
    'dotted.name': 'x',
    'with-hyphen': 'y',
    ip: '123.123.1.2',
    user: { id: 1, tags: ['a', 'b'], name: 'John Doe', list: [{ id: 2 }, 'text'] },
  };
  const message = JSON.stringify(event);

  it.each([
    ['{ $.level = "ERROR" }', true],
    ['{ $.level = ERROR }', true],
    ['{$.level="ERROR"}', true],
    ['{ $.level = "error" }', false],
    ['{ $.level != "INFO" }', true],
    ['{ $.level != "ERROR" }', false],
    ['{ $.level = "ERR*" }', true],
    ['{ $.level = *ROR }', true],
    ['{ $.level = E*O* }', true],
    ['{ $.level = "E*ERROR" }', false],
    ['{ $.level = *RR*R* }', true],
    ['{ $.level = *ERR*R*R* }', false],
    ['{ $.level != "ERR*" }', false],
    ['{ $.ip = 123.123.* }', true],
    ['{ $.ip != 124.* }', true],
    ['{ $.status = 404 }', true],
    ['{ $.status = "404" }', false],
    ['{ $.status = 4* }', true],
    ['{ $.status != 500 }', true],
    ['{ $.status > 403 }', true],
    ['{ $.status > 404 }', false],
    ['{ $.status >= 404 }', true],
    ['{ $.status < 4.04e2 }', false],
    ['{ $.status <= 4.04e+2 }', true],
    ['{ $.latency = 12.5 }', true],
    ['{ $.latency > -1 }', true],
    ['{ $.level > 1 }', false],
    ['{ $.ok IS TRUE }', true],
    ['{ $.ok IS FALSE }', false],
    ['{ $.bad IS FALSE }', true],
    ['{ $.level IS TRUE }', false],
    ['{ $.nothing IS NULL }', true],
    ['{ $.missing IS NULL }', false],
    ['{ $.missing NOT EXISTS }', true],
    ['{ $.nothing NOT EXISTS }', false],
    ['{ $.user.id = 1 }', true],
    ['{ $.user.tags[1] = "b" }', true],
    ['{ $.user.tags[2] = "b" }', false],
    ['{ $.user.tags[2] NOT EXISTS }', true],
    ['{ $.user.list[0].id = 2 }', true],
    ['{ $.user.list[1].id = 2 }', false],
    ['{ $.user.tags.length = 2 }', false],
    ['{ $.user[0] NOT EXISTS }', true],
    ["{ $.['dotted.name'] = x }", true],
    ["{ $['dotted.name'] = x }", true],
    ['{ $.with-hyphen = y }', true],
    ['{ $.user = "*" }', false],
    ['{ $.ok = "*" }', true],
    ['{ $.missing != "x" }', false],
    ['{ $.toString NOT EXISTS }', true],
    ['{ $.level = INFO || $.status = 404 && $.ok IS FALSE }', false],
    ['{ $.level = ERROR || $.status = 404 && $.ok IS FALSE }', true],
    ['{ ($.level = ERROR || $.status = 404) && $.ok IS FALSE }', false],
    ['{ (($.level = "ERROR") && ($.user.name = "John Doe")) }', true],
    ['{ $.level = "&&" || $.level = "ERROR" }', true],
  ])('%s: %s', (pattern, expected) => {
    expect(matchesFilter(pattern)(message)).toBe(expected);
  });

  it('fit nothing that is no JSON', () => {
    const matches = matchesFilter('{ $.level NOT EXISTS }');
    expect(['level ERROR', '', '{"level":', 'undefined'].map(matches)).toEqual([false, false, false, false]);
    expect(matches('{}')).toBe(true);
  });

  it.each([
    '{ }',
    '{ $.level }',
    '{ $.level = }',
    '{ $.level = ERROR',
    '{ $.level = ERROR } x',
    '{ $.level == ERROR }',
    '{ level = ERROR }',
    '{ $ = ERROR }',
    '{ $.level = "ERROR }',
    '{ $.level > ERROR }',
    '{ $.level > "1" }',
    '{ $.level IS EMPTY }',
    '{ $.level NOT TRUE }',
    '{ ($.level = ERROR }',
    '{ $.level = ERROR && }',
    '{ $.level = ERROR $.ok IS TRUE }',
    '{ $.level = ERROR & $.ok IS TRUE }',
    '{ $.level = ( }',
  ])('%s is refused', (pattern) => {
    expect(() => matchesFilter(pattern)).toThrow(Fault);
    expect(() => matchesFilter(pattern)).toThrow(/^Invalid filter pattern/);
  });
});

it.each([
  ['[ip, user, status = 4*]', /space-delimited fields/],
  ['%4\\d\\d%', /regular expression/],
  ['{ $.level = %ERR% }', /regular expression/],
  ['{ $.user.tags[*] = a }', /every element/],
  ['{ $.user.* = a }', /every element/],
])('%s is refused by name', (pattern, message) => {
  expect(() => matchesFilter(pattern)).toThrow(NotModelled);
  expect(() => matchesFilter(pattern)).toThrow(message);
});

it('costs no more than its length allows', () => {
  expect(() => matchesFilter('x'.repeat(1025))).toThrow(/less than or equal to 1024/);
  const stars = matchesFilter(`{ $.a = "${'*a'.repeat(500)}b" }`);
  const nested = matchesFilter(`{ ${'('.repeat(490)}$.a = b${')'.repeat(490)} }`);
  const long = JSON.stringify({ a: 'a'.repeat(200_000) });
  const start = performance.now();
  expect([stars(long), nested(long)]).toEqual([false, false]);
  expect(performance.now() - start).toBeLessThan(1_000);
});
