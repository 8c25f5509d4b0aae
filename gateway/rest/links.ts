import { valueAt } from './columns.ts';
import type { Endpoint } from './endpoint.ts';

/** Addresses of an answer, its first page and the next one, by relation. */
export type Links = Readonly<Record<string, string>>;

export interface Linked {
  readonly endpoint: Endpoint;
  readonly path: string;
  readonly given: ReadonlyMap<string, string>;
  /** What is left of a range that was cut. */
  readonly rest: { readonly from: string; readonly to: string } | undefined;
  /** The body. */
  readonly value: unknown;
}

/** Links of an answer that has pages or parts; undefined for any other. */
export function linksOf({ endpoint, path, given, rest: left, value }: Linked): Links | undefined {
  const { after, rest } = endpoint;
  const here = Object.fromEntries(given);
  const to = (parameters: Readonly<Record<string, string | undefined>>): string => {
    const pairs = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const search = new URLSearchParams(pairs).toString();
    return search === '' ? path : `${path}?${search}`;
  };
  if (after) {
    const { hasNextPage, endCursor } = (valueAt(value, ['pageInfo']) ?? {}) as Record<string, unknown>;
    const next =
      hasNextPage === true && typeof endCursor === 'string' ? { next: to({ ...here, [after.name]: endCursor }) } : {};
    return { self: to(here), first: to({ ...here, [after.name]: undefined }), ...next };
  }
  if (!rest.range?.interval) return undefined;
  const nameOf = (variable: string) => endpoint.parameters.find((one) => one.variable === variable)?.name ?? variable;
  if (!left) return { self: to(here) };
  return {
    self: to(here),
    next: to({ ...here, [nameOf(rest.range.from)]: left.from, [nameOf(rest.range.to)]: left.to }),
  };
}

/** The same as a `Link` header (RFC 8288). */
export function linkHeader(links: Links | undefined): string {
  return Object.entries(links ?? {})
    .filter(([relation]) => relation !== 'self')
    .map(([relation, address]) => `<${address}>; rel="${relation}"`)
    .join(', ');
}
