import { describe, expect, it } from 'vitest';
import { main } from '../../../cli/main.ts';
import { allowedHosts } from '../../../cli/verbs/sandbox/allowed-hosts.ts';
import { showDefects } from '../../../cli/verbs/sandbox/show-defects.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { NotModelled } from '../../../region/service.ts';

async function shown(env: Record<string, string>): Promise<string> {
  const kernel = new Kernel({ defects: 'contain' });
  let text = '';
  const stop = showDefects({ kernel }, { out: { write: (written: string) => (text += written) }, env });
  const strike = (): void =>
    void kernel.after(1_500, 'timer', 'ecs task 1a2b3c4d ACTIVATING', () => {
      throw new NotModelled('An image on tape');
    });
  strike();
  await kernel.runFor(2_000);
  stop();
  strike();
  await kernel.runFor(2_000);
  return text;
}

describe('what the region of a sandbox could not do', () => {
  it('is a line of the timeline', async () => {
    expect(await shown({})).toBe(
      '    1.5 s  defect  ecs task 1a2b3c4d ACTIVATING: Not modelled by the region: An image on tape\n',
    );
  });

  it('is followed by its stack for those who look for it', async () => {
    expect(await shown({ ROLLOUTS_DEBUG: '1' })).toContain(
      'NotModelled: An image on tape is not modelled by this region\n    at ',
    );
  });
});

describe('--allow-host', () => {
  it.each(['host.docker.internal', 'region.test:8080', '[::1]:80'])('takes %s', (name) => {
    expect(allowedHosts({ 'allow-host': [name] })).toEqual([name]);
  });

  it.each(['http://region.test', 'a b', 'a:b', 'a,b'])('refuses %s', async (name) => {
    let err = '';
    const terminal = { out: { write: () => {} }, err: { write: (text: string) => (err += text) }, env: {} };
    const code = await main(['sandbox', '--allow-host', name], {
      ...terminal,
      interrupted: () => new Promise(() => {}),
    });
    expect([code, err]).toEqual([
      2,
      `rollouts: --allow-host ${name}: give the name of a host, with or without a port, not a URL\n`,
    ]);
  });
});
