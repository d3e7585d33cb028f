import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CellMessage } from '../../../rehearsal/cell/cell-messages.ts';
import { sampleManifests } from '../../../rehearsal/sample-images.ts';
import { makeFolder } from '../make-folder.ts';

/** Where the sandbox leaves what people read and push. */
export interface Folder {
  /** Of the messages that subscribers got, a file each. */
  readonly messages: string;
  /** The file of a sample image's manifest, which `put-image` can read. */
  imageFile(name: string): string;
  /** Writes the sample images, by which scripts can tell that the region answers. */
  writeImages(): void;
  /** Writes what every subscriber got of a message. */
  write(message: CellMessage): void;
  /** Removes the folder, or of a chosen one the images, which are of no use without the region. */
  close(): void;
}

/** Makes the folder if it is not there; a temporary one unless one is named. */
export function openFolder(chosen: string | undefined): Folder {
  const path = chosen ?? mkdtempSync(join(tmpdir(), 'rollouts-sandbox-'));
  const messages = join(path, 'messages');
  try {
    makeFolder(messages);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`--directory ${path} cannot be used: ${why}; name a folder that you may write to`, { cause });
  }
  const imageFile = (name: string): string => join(path, `${name}.json`);
  const removeImages = (): void => {
    for (const name of Object.keys(sampleManifests())) rmSync(imageFile(name), { force: true });
  };
  removeImages();
  let written = 0;
  return {
    messages,
    imageFile,
    writeImages() {
      for (const [name, manifest] of Object.entries(sampleManifests())) writeFileSync(imageFile(name), manifest);
    },
    write(message) {
      // Whoever cleans up does not know that the folder is still in use.
      makeFolder(messages);
      const sentAt = new Date(message.at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
      for (const { protocol, endpoint, body } of message.deliveries) {
        const to = endpoint.replaceAll(/[^\w@.+-]+/g, '-');
        const count = String(++written).padStart(3, '0');
        const name = `${sentAt}-${count}-${protocol}-${to}`.slice(0, 200);
        writeFileSync(join(messages, `${name}.txt`), letter(message, protocol, endpoint, body));
      }
    },
    close() {
      if (chosen === undefined) rmSync(path, { recursive: true, force: true });
      else removeImages();
    },
  };
}

/** Without a subject, SNS's e-mails have this one. */
const NO_SUBJECT = 'AWS Notification Message';

function letter({ subject, at }: CellMessage, protocol: string, endpoint: string, body: string): string {
  const about = protocol === 'email' ? [`Subject: ${subject ?? NO_SUBJECT}`] : [];
  return [`To: ${endpoint} (${protocol})`, ...about, `Date: ${new Date(at).toISOString()}`, '', body, ''].join('\n');
}
