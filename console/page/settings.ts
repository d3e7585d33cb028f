/** What somebody chose to see: kept in this browser, and nothing else is. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  readonly isLocalTime: boolean;
  /** Keys of one letter; some speech recognition types them by accident. */
  readonly hasKeys: boolean;
}

const KEY = 'rollouts-settings';
const DEFAULTS: Settings = { theme: 'system', isLocalTime: false, hasKeys: true };

let settings: Settings = read();

/** What was chosen. */
export function chosen(): Settings {
  return settings;
}

/** Chooses, and keeps it as far as the browser lets. */
export function choose(choice: Partial<Settings>): void {
  settings = { ...settings, ...choice };
  applyTheme();
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // A browser that keeps nothing shows the same until it is closed.
  }
}

/** Light or dark, as chosen, or as the system is. */
export function applyTheme(): void {
  if (settings.theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = settings.theme;
}

/** The other one of light and dark than is shown. */
export function otherTheme(): 'light' | 'dark' {
  const isDark =
    settings.theme === 'system' ? matchMedia('(prefers-color-scheme: dark)').matches : settings.theme === 'dark';
  return isDark ? 'light' : 'dark';
}

function read(): Settings {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>) };
  } catch {
    return DEFAULTS;
  }
}
