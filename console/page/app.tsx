/** @jsxRuntime automatic @jsxImportSource preact */
import { useEffect, useState } from 'preact/hooks';
import type { Act } from '../acts.ts';
import type { RolloutDocument, ServiceDocument } from '../documents.ts';
import { ActDialog } from './act-dialog.tsx';
import type { Address } from './address.ts';
import { askRollout } from './connection.ts';
import { Banner, crumbsOf, TopBar, troubleOf, type Crumb } from './frame.tsx';
import { useAddress, useNow, usePage } from './hooks.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { useKeys } from './keys.ts';
import { Locked } from './locked.tsx';
import { RolloutView } from './rollout-view.tsx';
import { Patterns } from '../../picture/scene-svg.tsx';
import { Loading, ServiceView } from './service-view.tsx';
import { ServicesView } from './services-view.tsx';
import { chosen } from './settings.ts';
import { ShownContext, type Shown } from './shown.ts';
import type { PageState } from './store.ts';

/** The whole page. */
export function App() {
  const page = usePage();
  const address = useAddress();
  const now = useNow(true, isPicturePointedAt);
  const [hasHelp, setHelp] = useState(false);
  const [asked, ask] = useState<{ readonly act: Act; readonly service: string } | undefined>();
  const [told, tell] = useToast();
  useKeys(address, () => setHelp(true));
  if (page.link === 'locked') return <Locked message={page.lockedBy} />;
  const shown: Shown = {
    place: page.place,
    zone: { isLocal: chosen().isLocalTime },
    isReport: false,
    isFresh: page.link === 'live' && troubleOf(page) === undefined,
    ...(!page.place.isReadOnly && { begin: (act, service) => ask({ act, service }) }),
  };
  const subject = page.services?.find(({ service }) => service === asked?.service);
  return (
    <ShownContext.Provider value={shown}>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <Patterns />
      <TopBar crumbs={crumbsAt(address)} page={page} now={now} onHelp={() => setHelp(true)} />
      <div class="banners">
        <Banner page={page} now={now} />
      </div>
      <View page={page} address={address} now={now} />
      {asked && subject ? (
        <ActDialog
          act={asked.act}
          document={subject}
          onClose={() => ask(undefined)}
          onDone={(message) => {
            ask(undefined);
            tell(message);
          }}
        />
      ) : null}
      <p class={told === '' ? 'vh' : 'toast'} role="status">
        {told}
      </p>
      {hasHelp ? <KeysDialog onClose={() => setHelp(false)} /> : null}
    </ShownContext.Provider>
  );
}

/** Words that are shown for some seconds. */
function useToast() {
  const [told, tell] = useState('');
  useEffect(() => {
    if (told === '') return undefined;
    const timer = setTimeout(() => tell(''), 8000);
    return () => clearTimeout(timer);
  }, [told]);
  return [told, tell] as const;
}

/** The address names the view, so that a fragment of it cannot name a place in it. */
function skip(event: Event): void {
  event.preventDefault();
  const main = document.getElementById('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus();
}

/** A picture stands still while somebody reads off it. */
function isPicturePointedAt(): boolean {
  return document.querySelector('.plot:hover, .plot:focus') !== null;
}

function crumbsAt({ service, rolloutId }: Address): Crumb[] {
  return service === undefined ? [] : crumbsOf(service, rolloutId);
}

function View({ page, address, now }: { readonly page: PageState; readonly address: Address; readonly now: number }) {
  const { services } = page;
  const document = services?.find(({ service }) => service === address.service);
  useEffect(() => {
    const name = address.service ?? 'All services';
    window.document.title = `${name} – Rollouts`;
    scrollTo(0, 0);
  }, [address.service, address.rolloutId]);
  if (!services)
    return (
      <main id="main">
        <Loading />
      </main>
    );
  if (address.service === undefined) return <ServicesView services={services} address={address} now={now} />;
  if (!document)
    return (
      <main id="main">
        <h1>No service {address.service} is here.</h1>
        <p>
          <a class="u" href="#/">
            All services
          </a>
        </p>
      </main>
    );
  return <ServicePages page={page} document={document} address={address} now={now} />;
}

function ServicePages({
  page,
  document,
  address,
  now,
}: {
  readonly page: PageState;
  readonly document: ServiceDocument;
  readonly address: Address;
  readonly now: number;
}) {
  const { service, rolling, history } = document;
  const wanted =
    address.rolloutId ??
    rolling?.rolloutId ??
    history.find(({ outcome }) => !['NO_CHANGE', 'SUPERSEDED'].includes(outcome))?.rolloutId;
  const told =
    rolling && rolling.rolloutId === wanted ? rolling : wanted === undefined ? undefined : page.rollouts.get(wanted);
  useEffect(() => {
    if (wanted !== undefined && told === undefined && page.link === 'live') void askRollout(service, wanted);
  }, [service, wanted, told, page.link]);
  if (address.rolloutId === undefined)
    return <ServiceView document={document} newest={isDocument(told) ? told : undefined} address={address} now={now} />;
  if (isDocument(told)) return <RolloutView document={told} service={document} now={now} />;
  return (
    <main id="main">
      {told === undefined ? (
        <Loading />
      ) : (
        <>
          <h1>This rollout cannot be shown.</h1>
          <p class="sub">{told}</p>
        </>
      )}
    </main>
  );
}

function isDocument(told: RolloutDocument | string | undefined): told is RolloutDocument {
  return typeof told === 'object';
}
