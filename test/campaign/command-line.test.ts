import { expect, it } from 'vitest';
import { asksForHelp, readCommandLine, refuseTakenByNpm } from '../../campaign/command-line.ts';

it('asks for two hundred rollouts from seed 1 on, unless told otherwise', () => {
  expect(readCommandLine([])).toEqual({ rollouts: 200, seed: 1, isShrunk: false, isList: false });
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
  expect(readCommandLine(['--replay', '-7']).replay).toBe('-7');
});

it('plays the mutants that are named, or all', () => {
  expect(readCommandLine(['--mutants']).mutants).toEqual([]);
  expect(readCommandLine(['--mutants', 'no-bake', '--seed', '7'])).toMatchObject({ mutants: ['no-bake'], seed: 7 });
  expect(readCommandLine(['--seed', '7']).mutants).toBeUndefined();
  expect(readCommandLine(['--mutants', '--list'])).toMatchObject({ mutants: [], isList: true });
});

it.each([
  [['--help'], true],
  [['-h'], true],
  [['--rollouts', 'many', '--help'], true],
  [['--seed', '7'], false],
  [[], false],
])('knows of %j that it asks for help: %s', (args, asks) => {
  expect(asksForHelp(args)).toBe(asks);
});

it('refuses what npm took for its own, which would begin another run than the one that was asked for', () => {
  expect(() => refuseTakenByNpm({ npm_config_user_agent: 'npm/11', seed: '7' })).not.toThrow();
  expect(() => refuseTakenByNpm({ npm_config_seed: '7' })).toThrow(
    /^npm took --seed for an option of its own: put -- before it\n\nnpm run campaign -- \[--rollouts N\]/,
  );
});

it.each([
  [['--html'], /^--html draws one world: name it with --replay SEED/],
  [['--html', 'a.html', '--seed', '3'], /^--html draws one world/],
  [['--rollouts', 'many'], '--rollouts is "many": give a whole number from 1 to 1000000000'],
  [['--rollouts', '0'], '--rollouts is "0": give a whole number from 1 to 1000000000'],
  [['--rollouts', '-5'], /^--rollouts is "-5": give a whole number from 1 to 1000000000$/],
  [['--rollouts=-5'], /^--rollouts is "-5": give a whole number from 1 to 1000000000$/],
  [['--seed', '-1', '--shrink'], /^--seed is "-1": give a whole number from 0 to 4294967295$/],
  [['--rollouts'], /^--rollouts needs a value: give a whole number from 1 to 1000000000$/],
  [['--rollouts', '--seed', '3'], /^--rollouts needs a value: give a whole/],
  [['--seed', '-h1'], /^--seed needs a value: give a whole number from 0/],
  [['--jobs', '--shrink'], /^--jobs needs a value: give a whole number from 1 to 256$/],
  [
    ['--replay', '--html'],
    /^--replay needs a value: give a seed, or a plan of campaign\/corpus\/, by its name or file$/,
  ],
  [['--seed', '3', '--rollouts', '9', '--seed=4'], /^--seed is given twice: give it once$/],
  [['--seed='], /^--seed is "": give a whole number/],
  [['--rollouts', '1e3'], /^--rollouts is "1e3": give a whole number/],
  [['--jobs', '0'], '--jobs is "0": give a whole number from 1 to 256'],
  [['--seed', '4294967296'], '--seed is "4294967296": give a whole number from 0 to 4294967295'],
  [
    ['--rolouts', '3'],
    /^there is no option --rolouts; did you mean --rollouts\?\n\nnpm run campaign -- \[--rollouts N\]/,
  ],
  [['--rolouts=3'], /^there is no option --rolouts=3; did you mean --rollouts\?\n/],
  [['-x'], /^there is no option -x\n\nnpm run campaign/],
  [['--shrink=yes'], /^Option '--shrink' does not take an argument\n/],
  [['--replay', '7', '--rollouts', '3'], /^--rollouts is not for --replay: leave it out\n/],
  [['--replay', '7', '--mutants'], /^--mutants is not for --replay/],
  [['--mutants', '--jobs', '2'], /^--jobs is not for --mutants/],
  [['--list'], /^--list is for mutants: write --mutants --list\n/],
  [['--mutants', '--list', '--seed', '3'], /^--seed is not for --list: leave it out\n/],
  [['3'], /^"3" belongs to no option: put -- before them all, or npm takes some for its own\n\nnpm run campaign/],
])('refuses %s, and says what it takes', (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
});
