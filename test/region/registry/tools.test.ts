import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRegion, type Region } from '../../../region/region.ts';
import { containerTools, MISSING_TOOLS, type ContainerTools } from './container-tools.ts';

const GOOD = 'FROM scratch\nCOPY app /app\nENTRYPOINT ["/app"]\n';
const BAD = `${GOOD}LABEL rehearsal.behaviour=crash rehearsal.exit-code=7\n`;
const uri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/team/api';

async function opened(): Promise<{ readonly region: Region; readonly tools: ContainerTools }> {
  const region = createRegion();
  region.ecr.createRepository({ repositoryName: 'team/api' });
  onTestFinished(() => region.close());
  return { region, tools: await containerTools(region) };
}

describe.skipIf(MISSING_TOOLS.length > 0)('unmodified (skipped where buildah and skopeo are not installed)', () => {
  it('buildah pushes what it has built from a plain Dockerfile, and the region knows what it does and where', async () => {
    const { region, tools } = await opened();
    const image = await tools.build(BAD, 'linux/arm64');
    const push = [
      'push',
      '--tls-verify=false',
      '--creds',
      tools.credentials,
      '--digestfile',
      tools.path('digest'),
      image,
    ];
    await tools.buildah(...push, `docker://${tools.host}/team/api:v1`);
    expect(region.ecr.pullImage(`${uri}:v1`, 'linux/arm64')).toMatchObject({
      kind: 'pulled',
      imageDigest: readFileSync(tools.path('digest'), 'utf8'),
      annotations: { 'rehearsal.behaviour': 'crash', 'rehearsal.exit-code': '7' },
    });
    expect(region.ecr.pullImage(`${uri}:v1`, 'linux/amd64').kind).toBe('failed');
  });

  it('skopeo logs in, copies, looks and lists; layers cannot be copied back', async () => {
    const { tools } = await opened();
    const image = await tools.build(GOOD);
    const [, password = ''] = tools.credentials.split(':');
    const session = ['--authfile', tools.path('auth.json')];
    await tools.skopeo(
      'login',
      '--tls-verify=false',
      ...session,
      '--username',
      'AWS',
      '--password',
      password,
      tools.host,
    );
    const remote = `docker://${tools.host}/team/api`;
    for (const format of ['oci', 'v2s2'])
      await tools.skopeo(
        'copy',
        '--dest-tls-verify=false',
        ...session,
        '--format',
        format,
        tools.stored(image),
        `${remote}:${format}`,
      );
    const looked = JSON.parse(
      await tools.skopeo('inspect', '--tls-verify=false', ...session, `${remote}:v2s2`),
    ) as object;
    expect(looked).toMatchObject({ Architecture: 'amd64', Os: 'linux', RepoTags: ['oci', 'v2s2'] });
    const back = tools.skopeo(
      'copy',
      '--src-tls-verify=false',
      ...session,
      `${remote}:oci`,
      `dir:${tools.path('back')}`,
    );
    await expect(back).rejects.toThrow(/reading blob sha256:[0-9a-f]{64}/);
  });

  it('buildah pushes an index with its images', async () => {
    const { region, tools } = await opened();
    await tools.buildah('manifest', 'create', 'local/list');
    for (const platform of ['linux/amd64', 'linux/arm64'])
      await tools.buildah('manifest', 'add', 'local/list', tools.stored(await tools.build(GOOD, platform)));
    const push = ['manifest', 'push', '--all', '--tls-verify=false', '--creds', tools.credentials, 'local/list'];
    await tools.buildah(...push, `docker://${tools.host}/team/api:v1`);
    const digests = ['linux/amd64', 'linux/arm64'].map((platform) => {
      const pulled = region.ecr.pullImage(`${uri}:v1`, platform);
      return pulled.kind === 'pulled' && pulled.imageDigest;
    });
    expect(new Set(digests).size).toBe(2);
    expect(digests).not.toContain(false);
  });

  it('a push that ECR refuses says why, in ECR’s words', async () => {
    const { tools } = await opened();
    const image = await tools.build(GOOD);
    const copy = (to: string, credentials = tools.credentials) =>
      tools.skopeo(
        'copy',
        '--dest-tls-verify=false',
        '--dest-creds',
        credentials,
        tools.stored(image),
        `docker://${tools.host}/${to}`,
      );
    await expect(copy('team/nope:v1')).rejects.toThrow(
      /name unknown: The repository with name 'team\/nope' does not exist/,
    );
    await expect(copy('team/api:v1', 'AWS:guess')).rejects.toThrow(/authentication required|unauthorized/i);
  });
});
