/** How an outcome is shown: its word first, then its shape, then its colour; success is quiet. */
export interface OutcomeLook {
  readonly word: string;
  readonly tone: 'quiet' | 'live' | 'held' | 'bad';
  readonly shape: 'tick' | 'dot' | 'play' | 'pause' | 'back' | 'bar' | 'cross';
}

const LOOKS: Readonly<Record<string, OutcomeLook>> = {
  SUCCEEDED: { word: 'Succeeded', tone: 'quiet', shape: 'tick' },
  NO_CHANGE: { word: 'No change', tone: 'quiet', shape: 'dot' },
  STAGED: { word: 'Staged', tone: 'quiet', shape: 'dot' },
  SUPERSEDED: { word: 'Superseded', tone: 'quiet', shape: 'dot' },
  HELD: { word: 'Held', tone: 'held', shape: 'pause' },
  REJECTED: { word: 'Rejected', tone: 'bad', shape: 'bar' },
  ROLLED_BACK: { word: 'Rolled back', tone: 'bad', shape: 'back' },
  ROLLED_BACK_BY_ECS: { word: 'Rolled back by ECS', tone: 'bad', shape: 'back' },
  ABORTED: { word: 'Aborted', tone: 'bad', shape: 'cross' },
  ABORTED_EXTERNAL: { word: 'Changed by someone else', tone: 'bad', shape: 'cross' },
  FAILED_NO_ROLLBACK_TARGET: { word: 'Failed, nothing to go back to', tone: 'bad', shape: 'cross' },
  FAILED_ROLLBACK: { word: 'Rollback failed', tone: 'bad', shape: 'cross' },
  RUNNING: { word: 'Running', tone: 'live', shape: 'play' },
  NOT_PLAYED: { word: 'Not played', tone: 'bad', shape: 'cross' },
};

/** The look of an outcome; what an execution ended with that could not say, such as an error's name, is its own word. */
export function lookOf(outcome: string): OutcomeLook {
  return Object.hasOwn(LOOKS, outcome) ? LOOKS[outcome]! : { word: outcome, tone: 'bad', shape: 'cross' };
}
