/** How a collection lies in MongoDB. Beside each document stand the keys that it is found by, made by the collection's definition. */
import { createHash } from 'node:crypto';
import type { CollectionOptions } from '../port.ts';
import { definitionOf, folded } from '../sqlite-table.ts';
import type { MongoDocument } from './connection.ts';

/** Goes up when what is stored can no longer be read by an older version. */
export const LAYOUT_VERSION = 1;

export type KeyValue = string | number;

export interface Keys {
  readonly unique?: Readonly<Record<string, string>>;
  readonly indexed?: Readonly<Record<string, KeyValue>>;
  /** GeoJSON. */
  readonly place?: { readonly type: 'Point'; readonly coordinates: readonly [longitude: number, latitude: number] };
  /** Folded for search. */
  readonly text?: string;
}

export interface StoredRow {
  readonly _id: string;
  readonly version: number;
  readonly document: MongoDocument;
  /** Where the documents of one region lie together. */
  readonly region?: string;
}

export interface Layout<T> {
  readonly name: string;
  readonly options: CollectionOptions<T>;
  readonly fingerprint: string;
  /** Name of the field that holds the keys of this definition: another definition has another, so that both can stand side by side while one is made. */
  readonly keys: string;
  /** Path of a key. */
  readonly path: (group: 'unique' | 'indexed', field: string) => string;
  readonly place: string;
  readonly text: string;
  keysOf(document: T): Keys;
}

const HASH_LENGTH = 8;

/** Documents of one region lie together, in order of id, so that a large region can be cut as well. */
export const SHARD_KEY = { region: 1, _id: 1 } as const;

/** The layout of a collection. */
export function layoutOf<T>(options: CollectionOptions<T>): Layout<T> {
  const { name, fingerprint } = definitionOf(options);
  const region = options.region ? String(options.region) : '';
  const hash = createHash('sha256').update(`${fingerprint}${region}`).digest('hex').slice(0, HASH_LENGTH);
  const keys = `keys_${hash}`;
  return {
    ...{ name, options, fingerprint, keys, place: `${keys}.place`, text: `${keys}.text` },
    path: (group, field) => `${keys}.${group}.${field}`,
    keysOf(document) {
      const place = options.place?.(document);
      return {
        unique: valuesOf(options.unique, document),
        indexed: valuesOf(options.indexed, document),
        ...(place && { place: { type: 'Point', coordinates: [place.longitude, place.latitude] } }),
        ...(options.searchText && { text: folded(options.searchText(document)) }),
      };
    },
  };
}

function valuesOf<T, V>(
  extractors: Readonly<Record<string, (document: T) => V | undefined>> = {},
  document: T,
): Record<string, V> {
  const values: Record<string, V> = {};
  for (const [field, extract] of Object.entries(extractors)) {
    const value = extract(document);
    if (value !== undefined) values[field] = value;
  }
  return values;
}

export interface IndexDescription {
  readonly key: Readonly<Record<string, 1 | '2dsphere'>>;
  readonly name: string;
  readonly unique?: true;
  readonly partialFilterExpression?: MongoDocument;
}

/**
 * The indexes of a layout; each name ends with the layout's own, and a unique one says its field. A collection that is spread over shards has that of its
 * shard key, and none that is unique: each shard would hold only its own documents to it.
 */
export function indexesOf<T>({ options, keys, path, place }: Layout<T>, spread: boolean): readonly IndexDescription[] {
  const unique = Object.keys(options.unique ?? {}).map((field) => ({
    key: { [path('unique', field)]: 1 },
    name: `${spread ? 'key' : 'unique'}.${field}.${keys}`,
    ...(!spread && { unique: true }),
    partialFilterExpression: { [path('unique', field)]: { $exists: true } },
  }));
  const shardKey = { key: SHARD_KEY, name: 'shard' };
  const indexed = Object.keys(options.indexed ?? {}).map((field) => ({
    key: { [path('indexed', field)]: 1, _id: 1 },
    name: `indexed.${field}.${keys}`,
  }));
  const places = [
    { key: { [place]: '2dsphere' }, name: `place.${keys}` },
    { key: { [`${place}.coordinates.1`]: 1, [`${place}.coordinates.0`]: 1 }, name: `box.${keys}` },
  ];
  return [...unique, ...indexed, ...(options.place ? places : []), ...(spread ? [shardKey] : [])] as IndexDescription[];
}

/** What MongoDB itself holds every document of a layout against, whoever writes it. */
export function validatorOf<T>({ options, keys }: Layout<T>): MongoDocument {
  const properties = (fields: object | undefined, bsonType: string | readonly string[]) =>
    Object.fromEntries(Object.keys(fields ?? {}).map((field) => [field, { bsonType }]));
  const group = (fields: object | undefined, bsonType: string | readonly string[]) => ({
    bsonType: 'object',
    properties: properties(fields, bsonType),
    additionalProperties: false,
  });
  const number = ['double', 'int', 'long'];
  const place = {
    bsonType: 'object',
    required: ['type', 'coordinates'],
    properties: {
      type: { enum: ['Point'] },
      coordinates: {
        bsonType: 'array',
        minItems: 2,
        maxItems: 2,
        items: [
          { bsonType: number, minimum: -180, maximum: 180 },
          { bsonType: number, minimum: -90, maximum: 90 },
        ],
      },
    },
  };
  return {
    $jsonSchema: {
      bsonType: 'object',
      required: ['_id', 'version', 'document'],
      properties: {
        _id: { bsonType: 'string' },
        version: { bsonType: number, minimum: 1 },
        document: { bsonType: 'object' },
        [keys]: {
          bsonType: 'object',
          properties: {
            unique: group(options.unique, 'string'),
            indexed: group(options.indexed, ['string', ...number]),
            ...(options.place && { place }),
            text: { bsonType: 'string' },
          },
        },
      },
    },
  };
}
