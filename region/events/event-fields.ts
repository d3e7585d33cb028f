/** In which element, by index, of which array of the event a value stands. */
export type Membership = ReadonlyMap<number, number>;

/** A value of an event that is neither an object nor an array. */
export interface EventField {
  readonly value: unknown;
  readonly membership: Membership;
}

/** The values of an event by their dotted names. */
export type EventFields = ReadonlyMap<string, readonly EventField[]>;

/** The values of an event by their dotted names; arrays are looked into. An element that is such a value binds nothing. */
export function fieldsOf(event: Readonly<Record<string, unknown>>): EventFields {
  const fields = new Map<string, EventField[]>();
  let arrays = 0;
  const visit = (value: unknown, name: string, membership: Membership): void => {
    if (Array.isArray(value)) {
      const array = arrays++;
      value.forEach((element: unknown, index) =>
        visit(element, name, isLeaf(element) ? membership : new Map([...membership, [array, index]])),
      );
    } else if (isLeaf(value)) {
      const known = fields.get(name);
      if (known === undefined) fields.set(name, [{ value, membership }]);
      else known.push({ value, membership });
    } else {
      for (const [member, inner] of Object.entries(value as object))
        if (inner !== undefined) visit(inner, name === '' ? member : `${name}.${member}`, membership);
    }
  };
  visit(event, '', new Map());
  return fields;
}

/** Whether both can be of the same elements: no array in which they stand in different ones. */
export function isConsistent(one: Membership, other: Membership): boolean {
  for (const [array, index] of other) {
    const present = one.get(array);
    if (present !== undefined && present !== index) return false;
  }
  return true;
}

/** The elements of both. */
export function joined(one: Membership, other: Membership): Membership {
  return other.size === 0 ? one : new Map([...one, ...other]);
}

function isLeaf(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
