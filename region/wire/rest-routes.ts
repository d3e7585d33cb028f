import { Fault } from '../service.ts';
import type { WireRequest } from './protocol.ts';
import { restOperations } from './sdk-clients.ts';
import type { HttpTrait, OperationShape } from './sdk-shapes.ts';

/** Which operation of a REST API a method and a path name; undefined when none. The most literal path wins. */
export function operationAt(service: string, request: WireRequest): OperationShape | undefined {
  let best: { readonly shape: OperationShape; readonly literals: number } | undefined;
  for (const shape of restOperations(service)) {
    const route = routeOf(shape.http!);
    if (labelsIn(route, request) === undefined) continue;
    if (best === undefined || route.literals > best.literals) best = { shape, literals: route.literals };
  }
  return best?.shape;
}

/** The values of the labels of a path, decoded; throws the `Fault` of a path that cannot be. */
export function labelsOf(http: HttpTrait, request: WireRequest): Readonly<Record<string, string>> {
  const labels = labelsIn(routeOf(http), request) ?? {};
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, decoded(text)]));
}

/** The query of a request, in the order in which it was written. */
export function queryOf({ path }: WireRequest): URLSearchParams {
  const start = path.indexOf('?');
  return new URLSearchParams(start < 0 ? '' : path.slice(start + 1));
}

interface Route {
  readonly method: string;
  readonly segments: readonly Segment[];
  /** What the query must say for this operation: `?list-type=2`. */
  readonly query: readonly (readonly [string, string])[];
  readonly literals: number;
}

/** A greedy label (`{Key+}`) takes the rest of the path. */
type Segment = { readonly literal: string } | { readonly label: string; readonly isGreedy: boolean };

const routes = new WeakMap<HttpTrait, Route>();

function routeOf(http: HttpTrait): Route {
  const known = routes.get(http);
  if (known !== undefined) return known;
  const [path = '', query = ''] = http.uri.split('?');
  const segments = segmentsOf(path).map(readSegment);
  const fixed = [...new URLSearchParams(query)];
  const literals = segments.filter((segment) => 'literal' in segment).length + fixed.length;
  const route = { method: http.method, segments, query: fixed, literals };
  routes.set(http, route);
  return route;
}

function readSegment(text: string): Segment {
  const [, label, plus] = /^\{([^}+]+)(\+?)\}$/.exec(text) ?? [];
  return label === undefined ? { literal: text } : { label, isGreedy: plus === '+' };
}

/** Clients differ in whether they write a slash at the end. */
function segmentsOf(path: string): string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/');
}

function labelsIn(route: Route, request: WireRequest): Record<string, string> | undefined {
  if (route.method !== request.method) return undefined;
  const query = queryOf(request);
  if (route.query.some(([name, value]) => query.get(name) !== value)) return undefined;
  const given = segmentsOf(request.path.split('?')[0]!);
  const labels: Record<string, string> = {};
  for (const [index, segment] of route.segments.entries()) {
    const text = given[index];
    if ('literal' in segment) {
      if (text !== segment.literal) return undefined;
    } else if (segment.isGreedy) {
      labels[segment.label] = given.slice(index).join('/');
      return labels[segment.label] === '' ? undefined : labels;
    } else if (text === undefined || text === '') return undefined;
    else labels[segment.label] = text;
  }
  return given.length === route.segments.length ? labels : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault('SerializationException', `the path of the request cannot be decoded at ${text}`);
  }
}
