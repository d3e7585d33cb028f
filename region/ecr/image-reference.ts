/** `host/name[:tag][@digest]`, complete: what a container agent makes of the text in a container definition. */
export interface ImageReference {
  readonly image: string;
  /** `docker.io` where the text names none. */
  readonly host: string;
  readonly repositoryName: string;
  /** `latest` where the text names neither tag nor digest; a digest beats it. */
  readonly tag: string;
  readonly digest: string | undefined;
}

const DOMAIN = String.raw`(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[a-fA-F0-9:]+\])(?::\d+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
/** The grammar of distribution/reference, which Docker and containerd share. */
const REFERENCE = new RegExp(
  `^(?:(${DOMAIN})/)?(${COMPONENT}(?:/${COMPONENT})*)(?::(\\w[\\w.-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?$`,
);
/** Longer names than 255 characters are no names; a tag and a digest follow. */
const CHARACTERS_MAX = 512;

/** Reads an image's name; undefined for what is none, such as `repo@sha256:v1`. */
export function parseReference(image: string): ImageReference | undefined {
  const match = image.length > CHARACTERS_MAX ? null : REFERENCE.exec(image);
  if (match === null) return undefined;
  const [, first, rest = '', tag = 'latest', digest] = match;
  // `team/app` is a name on Docker Hub; a host has a dot or a port, or is localhost.
  const isHost = first !== undefined && /[.:]|^localhost$/.test(first);
  const path = first === undefined || isHost ? rest : `${first}/${rest}`;
  if (first !== undefined && !isHost && first !== first.toLowerCase()) return undefined;
  const onHub = path.includes('/') ? path : `library/${path}`;
  return isHost
    ? { image, host: first, repositoryName: path, tag, digest }
    : { image, host: 'docker.io', repositoryName: onHub, tag, digest };
}
