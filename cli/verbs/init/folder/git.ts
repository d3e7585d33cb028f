import { execFileSync } from 'node:child_process';

/** What Git knows of an application's folder. */
export interface Git {
  /** The folder seen from the root of its working tree: `services/api/`; empty at the root. */
  readonly below: string;
  /** The remotes that are repositories on GitHub, the likeliest first. */
  readonly remotes: readonly GitHubRemote[];
  /** The branch that a clone checks out, as far as it can be told here. */
  readonly defaultBranch: string | undefined;
  /** The branch that the folder is on, if it is on one. */
  readonly current: string | undefined;
  /** Whether the repository is elsewhere, and this is one more working tree of it. */
  readonly isWorktree: boolean;
  /** Names of the branches that are known here, of the folder's own and of its first remote. */
  readonly branches: ReadonlySet<string>;
  /** The files that a checkout holds once what Git does not ignore is committed, seen from the folder. */
  readonly files: ReadonlySet<string>;
  /** Those of them that are not committed so far. */
  readonly untracked: ReadonlySet<string>;
}

/** A remote on GitHub: what Git calls it here, and its `owner/name`. */
export interface GitHubRemote {
  readonly remote: string;
  readonly repository: string;
}

/** Asks Git, which follows worktrees and its own settings; undefined where there is no repository, or no Git. */
export function readGit(folder: string): Git | undefined {
  const ask = (...words: string[]): string | undefined => git(folder, words);
  const below = ask('rev-parse', '--show-prefix');
  const tracked = ask('ls-files', '-z', '--cached');
  if (below === undefined || tracked === undefined) return undefined;
  const remotes = remotesIn(ask('remote', '-v') ?? '');
  const remote = remotes[0]?.remote ?? 'origin';
  const heads = ask('for-each-ref', '--format=%(refname)', 'refs/heads', `refs/remotes/${remote}`) ?? '';
  const branches = new Set(heads.split('\n').flatMap((ref) => branchIn(ref, remote)));
  const head = ask('symbolic-ref', '--short', `refs/remotes/${remote}/HEAD`)?.slice(remote.length + 1);
  const current = ask('symbolic-ref', '--short', 'HEAD');
  const [own, common] = ['--git-dir', '--git-common-dir'].map((dir) => ask('rev-parse', '--path-format=absolute', dir));
  const untracked = namesIn(ask('ls-files', '-z', '--others', '--exclude-standard') ?? '');
  return {
    below,
    remotes,
    branches,
    defaultBranch: head ?? likeliest(branches, current),
    current,
    isWorktree: own !== common,
    files: new Set([...namesIn(tracked), ...untracked]),
    untracked: new Set(untracked),
  };
}

function namesIn(listed: string): string[] {
  return listed.split('\0').filter((file) => file !== '');
}

function branchIn(ref: string, remote: string): string[] {
  const [, local, remotes] = /^refs\/(?:heads\/(.+)|remotes\/(.+))$/.exec(ref) ?? [];
  const name = local ?? remotes?.slice(remote.length + 1);
  return name === undefined || name === 'HEAD' ? [] : [name];
}

/** Where no clone noted the default branch. Before the first commit there is none but the current one. */
function likeliest(branches: ReadonlySet<string>, current: string | undefined): string | undefined {
  if (branches.size === 0) return current;
  const usual = ['main', 'master'].filter((name) => branches.has(name));
  if (usual.length === 1) return usual[0];
  return branches.size === 1 ? [...branches][0] : undefined;
}

/** "origin" first, whatever else there is: it is what a clone calls the repository it came from. */
function remotesIn(lines: string): GitHubRemote[] {
  const found = lines.split('\n').flatMap((line) => {
    const [, remote, url] = /^(\S+)\t(\S+) \(fetch\)/.exec(line) ?? [];
    const repository = url === undefined ? undefined : repositoryIn(url);
    return remote === undefined || repository === undefined ? [] : [{ remote, repository }];
  });
  return found.toSorted((one, other) => Number(other.remote === 'origin') - Number(one.remote === 'origin'));
}

/** `owner/name` of an address on GitHub, over HTTPS or SSH. Exported for its table of spellings. */
export function repositoryIn(url: string): string | undefined {
  return /(?:^|[/@])(?:ssh\.)?github\.com(?::\d+)?[/:]\/?([^/:]+\/[^/]+?)(?:\.git)?\/?$/i.exec(url)?.[1];
}

const TIMEOUT_MS = 20_000;
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/** What Git prints, without the line's end; undefined where it fails. Nothing that the repository configures is run. */
function git(folder: string, words: readonly string[]): string | undefined {
  try {
    const output = execFileSync('git', ['-c', 'core.fsmonitor=false', '-C', folder, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
      // A hook that runs us has set these to its own repository.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
    });
    return output.replace(/\n$/, '');
  } catch {
    return undefined;
  }
}
