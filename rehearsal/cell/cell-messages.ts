import type { Region } from '../../region/region.ts';

/** A message to a cell's topic, and what each subscriber gets of it. */
export interface CellMessage {
  readonly subject: string | undefined;
  /** To whoever has no body of their own. */
  readonly message: string;
  /** Virtual milliseconds since the epoch. */
  readonly at: number;
  readonly deliveries: readonly { readonly protocol: string; readonly endpoint: string; readonly body: string }[];
}

/** Hears every message that is published to the topic; the answer ends that. */
export function followMessages(
  { sns }: Region,
  topicArn: string,
  listener: (message: CellMessage) => void,
): () => void {
  return sns.onPublished((topic, { subject, message, publishedAtMs: at }, deliveries) => {
    if (topic === topicArn) listener({ subject, message, at, deliveries });
  });
}
