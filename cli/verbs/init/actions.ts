/** An action of the generated workflow. */
export interface PinnedAction {
  readonly name: string;
  readonly version: string;
  /** The commit that the version's tag pointed to when it was read; a tag can be moved, a commit cannot. */
  readonly commit: string;
}

/** Every action that the generated workflow uses. */
export const ACTIONS = {
  checkout: { name: 'actions/checkout', version: 'v7.0.1', commit: '3d3c42e5aac5ba805825da76410c181273ba90b1' },
  credentials: {
    name: 'aws-actions/configure-aws-credentials',
    version: 'v6.2.3',
    commit: 'e6de054238d6b7531b4efff3b6587d9aade6a06c',
  },
  login: {
    name: 'aws-actions/amazon-ecr-login',
    version: 'v2.1.7',
    commit: '03f1aad4c6c7ffd436567f42f9384779290529bd',
  },
  buildx: {
    name: 'docker/setup-buildx-action',
    version: 'v4.3.0',
    commit: '37fe631027851001ddb9b187196cc803df7f5f0e',
  },
  build: {
    name: 'docker/build-push-action',
    version: 'v7.3.0',
    commit: '53b7df96c91f9c12dcc8a07bcb9ccacbed38856a',
  },
} as const satisfies Readonly<Record<string, PinnedAction>>;

/** The value of a step's `uses`, with the version as a comment for people and for update bots. */
export function pinned({ name, version, commit }: PinnedAction): string {
  return `${name}@${commit} # ${version}`;
}
