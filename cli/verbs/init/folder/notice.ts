/** What init noticed in the application's folder: one sentence. */
export interface Notice {
  /** The first push would not end well as things are. */
  readonly isWarning: boolean;
  readonly text: string;
}

/** Of what would make the first push fail, or roll what nobody meant. */
export function warning(text: string): Notice {
  return { isWarning: true, text };
}

/** Of what is good to know. */
export function note(text: string): Notice {
  return { isWarning: false, text };
}
