import { expect, it } from 'vitest';
import { readCommandLine } from '../../campaign/command-line.ts';

it('asks for two hundred rollouts from seed 1 on, unless told otherwise', () => {
  expect(readCommandLine([])).toEqual({ rollouts: 200, seed: 1, jobs: undefined, isShrunk: false, replay: undefined });
  expect(readCommandLine(['--rollouts', '9', '--seed', '0', '--jobs', '4', '--shrink'])).toMatchObject({
    rollouts: 9,
    seed: 0,
    jobs: 4,
    isShrunk: true,
  });
});

it('draws what it replays, into a file of that name or of one of its own', () => {
  expect(readCommandLine(['--replay', '7', '--html', 'a.html'])).toMatchObject({ replay: '7', html: 'a.html' });
  expect(readCommandLine(['--replay', '7', '--html'])).toMatchObject({ replay: '7', html: '' });
  expect(readCommandLine(['--html', '--replay', '7'])).toMatchObject({ replay: '7', html: '' });
  expect(readCommandLine(['--replay', '7']).html).toBeUndefined();
});

it('plays the mutants that are named, or all', () => {
  expect(readCommandLine(['--mutants']).mutants).toEqual([]);
  expect(readCommandLine(['--mutants', 'no-bake', '--seed', '7'])).toMatchObject({ mutants: ['no-bake'], seed: 7 });
  expect(readCommandLine(['--seed', '7']).mutants).toBeUndefined();
});

it.each([
  [['--html'], /^--html draws one world: name it with --replay SEED/],
  [['--html', 'a.html', '--seed', '3'], /^--html draws one world/],
  [['--rollouts', 'many'], '--rollouts is "many": give a whole number from 1 to 1000000000'],
  [['--rollouts', '0'], '--rollouts is "0": give a whole number from 1 to 1000000000'],
  [['--seed', '-1'], /--seed/],
  [['--jobs', '0'], '--jobs is "0": give a whole number from 1 to 256'],
  [['--seed', '4294967296'], '--seed is "4294967296": give a whole number from 0 to 4294967295'],
  [['--rolouts', '3'], /Unknown option '--rolouts'[^]*npm run campaign -- \[--rollouts N\]/],
  [['--replay', '7', '--rollouts', '3'], /^--rollouts is not for --replay: leave it out\n/],
  [['--replay', '7', '--mutants'], /^--mutants is not for --replay/],
  [['--mutants', '--jobs', '2'], /^--jobs is not for --mutants/],
  [['3'], /Unexpected argument '3'[^]*npm run campaign/],
])('refuses %s, and says what it takes', (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
});
