/** @jsxRuntime automatic @jsxImportSource preact */
import { createHash } from 'node:crypto';
import { render } from 'preact-render-to-string';
import { bandStyleWithin } from '../../picture/style.ts';
import type { RolloutDocument } from '../documents.ts';
import { RolloutView } from '../page/rollout-view.tsx';
import { Patterns } from '../../picture/scene-svg.tsx';
import { parsed } from '../page/store.ts';
import { ShownContext, type Shown } from '../page/shown.ts';
import { endedSentence, liveSentence } from '../page/told.ts';
import { pageStyle } from '../style.ts';

/** One rollout as one file that needs nothing else: no script, nothing from elsewhere, and whatever came from outside is text. */
export async function rolloutReport(told: RolloutDocument, writtenAt: number): Promise<string> {
  // As the page reads it: nothing in it hides.
  const document = parsed<RolloutDocument>(JSON.stringify(told));
  // On one line and without what an element would end at: as it stands there, so it is hashed.
  const style = `${await pageStyle()}${bandStyleWithin('plot-room')}`.replace(/\s+/g, ' ').replaceAll('<', '\\3c ');
  const digest = createHash('sha256').update(style).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  const sentence = document.record ? endedSentence(document) : liveSentence(document, writtenAt);
  const page = render(<Report document={document} writtenAt={writtenAt} />);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
${render(<title>{`${document.service}: ${sentence}`}</title>)}
<style>${style}</style>
</head>
<body>
${page}
</body>
</html>
`;
}

const SHOWN: Shown = { place: { isReadOnly: true }, zone: { isLocal: false }, isReport: true, isFresh: true };

function Report({ document, writtenAt }: { readonly document: RolloutDocument; readonly writtenAt: number }) {
  const { service, rolloutId } = document;
  return (
    <ShownContext.Provider value={SHOWN}>
      <Patterns />
      <header class="top">
        <div class="crumbs">
          <span>{service}</span>
          <span class="sep" aria-hidden="true">
            /
          </span>
          <span>rollout {rolloutId.slice(0, 8)}</span>
        </div>
        <span class="place">written {new Date(writtenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC</span>
      </header>
      <RolloutView document={document} service={{ service, history: [] }} now={writtenAt} />
    </ShownContext.Provider>
  );
}
