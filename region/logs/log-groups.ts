import { Fault } from '../service.ts';

/** One log event. */
export interface LogEvent {
  /** Virtual milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
  readonly logStreamName: string;
  readonly eventId: string;
}

/** A log group with its streams. */
export interface LogGroup {
  readonly name: string;
  /** Without the `:*` that CloudFormation's `Arn` ends with. */
  readonly arn: string;
  readonly createdAt: number;
  retentionInDays: number | undefined;
  /** Oldest first. */
  readonly events: LogEvent[];
  /** Virtual instant of each stream's first event, by name. */
  readonly streams: Map<string, number>;
}

/** All log groups, by name. */
export class LogGroups {
  readonly #byName = new Map<string, LogGroup>();
  #written = 0;

  /** Throws `ResourceAlreadyExistsException`. */
  add(group: LogGroup): void {
    if (this.#byName.has(group.name)) {
      throw new Fault('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    this.#byName.set(group.name, group);
  }

  /** Throws `ResourceNotFoundException`. */
  named(name: string): LogGroup {
    const group = this.#byName.get(name);
    if (group === undefined) throw new Fault('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  }

  get all(): readonly LogGroup[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Appends a line; the stream begins with its first line. */
  write(name: string, logStreamName: string, message: string, timestamp: number): void {
    const group = this.named(name);
    if (!group.streams.has(logStreamName)) group.streams.set(logStreamName, timestamp);
    const eventId = String(++this.#written).padStart(56, '0');
    group.events.push({ timestamp, message, logStreamName, eventId });
  }
}
