/** The questions of `find` in the words of MongoDB. */
import type { Box, CollectionOptions, Find } from '../port.ts';
import type { Position } from '../sqlite-questions.ts';
import { folded } from '../sqlite-table.ts';
import type { MongoDocument } from './connection.ts';
import type { Layout } from './layout.ts';

/** A question that the collection was not made for is a mistake of the caller's author, not of the user. */
export function checkFind<T>(query: Find, { name, indexed = {}, place, searchText }: CollectionOptions<T>): void {
  const fields = [...Object.keys(query.where ?? {}), ...(query.orderBy ? [query.orderBy.field] : [])];
  for (const field of fields) if (!Object.hasOwn(indexed, field)) throw new Error(`${name} has no index ${field}`);
  if (query.within && !place) throw new Error(`${name} has no place`);
  if (query.search && !searchText) throw new Error(`${name} has no text to search`);
  if (!Number.isInteger(query.first) || query.first < 0) throw new Error(`first must be 0 or more, got ${query.first}`);
}

/** The conditions of a query without its cursor. */
export function filterOf<T>({ path, place, text }: Layout<T>, { where = {}, within, search }: Find): MongoDocument {
  const all: MongoDocument[] = Object.entries(where).map(([field, wanted]) => ({
    [path('indexed', field)]: typeof wanted === 'object' ? { $in: wanted } : { $eq: wanted },
  }));
  if (within) all.push(inBox(place, within));
  // The text is looked for as it is: no character of it has a meaning, unlike with $regex.
  if (search) all.push({ $expr: { $gte: [{ $indexOfBytes: [`$${text}`, { $literal: folded(search) }] }, 0] } });
  return all.length > 0 ? { $and: all } : {};
}

/** Documents in a box of degrees, its edges included. A polygon would have great circles for edges, which bulge towards the poles. */
function inBox(place: string, { west, south, east, north }: Box): MongoDocument {
  const longitude = `${place}.coordinates.0`;
  const latitude = { [`${place}.coordinates.1`]: { $gte: south, $lte: north } };
  if (west <= east) return { ...latitude, [longitude]: { $gte: west, $lte: east } };
  return { ...latitude, $or: [{ [longitude]: { $gte: west } }, { [longitude]: { $lte: east } }] };
}

/**
 * Documents behind a position in the query's order. A missing value comes before numbers, and numbers before text; a comparison finds
 * values of its own kind only, so that the others are named.
 */
export function behind<T>({ path }: Layout<T>, { orderBy }: Find, after: Position | undefined): MongoDocument {
  if (!after) return {};
  if (!orderBy) return { _id: { $gt: after.id } };
  const field = path('indexed', orderBy.field);
  const { value, id } = after;
  if (orderBy.direction === 'ascending') {
    if (value === null) return { $or: [{ [field]: { $exists: true } }, { _id: { $gt: id } }] };
    const text = typeof value === 'number' ? [{ [field]: { $type: 'string' } }] : [];
    return { $or: [{ [field]: { $gt: value } }, { [field]: value, _id: { $gt: id } }, ...text] };
  }
  const missing = { [field]: { $exists: false } };
  if (value === null) return { ...missing, _id: { $lt: id } };
  const numbers = typeof value === 'string' ? [{ [field]: { $type: 'number' } }] : [];
  return { $or: [{ [field]: { $lt: value } }, { [field]: value, _id: { $lt: id } }, missing, ...numbers] };
}

/** The order of a query. */
export function orderOf<T>({ path }: Layout<T>, { orderBy }: Find): Record<string, 1 | -1> {
  if (!orderBy) return { _id: 1 };
  const direction = orderBy.direction === 'ascending' ? 1 : -1;
  return { [path('indexed', orderBy.field)]: direction, _id: direction };
}
