import {
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { hash } from './chance.ts';

/** An object whose every field follows from its seed; an entity's seed follows from its key, so that every subgraph dreams the same of it. */
interface Dreamt {
  readonly __typename: string;
  readonly seed: string;
  readonly id?: string;
}

export interface DreamOptions {
  /** Types that have a key `id`. */
  readonly entities: ReadonlySet<string>;
  /** Types with the fields that never fail and are never null: what keys are made of. */
  readonly solid: ReadonlySet<string>;
  /** Possible types of abstract ones, the same for every subgraph. */
  readonly possible: Readonly<Record<string, readonly string[]>>;
  /** One in so many fields fails; 0 for none. */
  readonly failOneIn: number;
}

const ENTITIES = 7;

/** Gives every field of a schema a resolver that answers, fails or is null by chance, and always does the same for the same object, field and arguments. */
export function dreamOn(schema: GraphQLSchema, options: DreamOptions): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isUnionType(type) || isInterfaceType(type)) type.resolveType = (value) => (value as Dreamt).__typename;
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (!field.name.startsWith('_')) field.resolve = resolver(type.name, field.name, options);
    }
    const reference = (representation: { __typename: string; id: string }) =>
      entity(representation.__typename, representation.id);
    if (options.entities.has(type.name)) referable(type, reference);
  }
  return schema;
}

function referable(type: GraphQLNamedType, reference: (given: { __typename: string; id: string }) => Dreamt): void {
  const apollo = (type.extensions['apollo'] ?? {}) as { subgraph?: object };
  type.extensions = {
    ...type.extensions,
    apollo: { ...apollo, subgraph: { ...apollo.subgraph, resolveReference: reference } },
  };
}

function entity(typename: string, id: string): Dreamt {
  return { __typename: typename, seed: `${typename}:${id}`, id };
}

function resolver(parentType: string, name: string, options: DreamOptions): GraphQLFieldResolver<unknown, unknown> {
  return (parent, args, _context, info) => {
    const dreamt = parent as Dreamt | undefined;
    if (name === 'id' && dreamt?.id !== undefined) return dreamt.id;
    const from = dreamt?.seed ?? parentType;
    const seed = `${from}.${name}${Object.keys(args).length > 0 ? canonical(args) : ''}`;
    const solid = options.solid.has(`${parentType}.${name}`);
    if (!solid && options.failOneIn > 0 && hash(`fails ${seed}`) % options.failOneIn === 0) {
      // Always later: graphql-js forgets the promises of a list's other elements when one element fails at once.
      return Promise.reject(new Error(`dreamt failure of ${seed}`));
    }
    const value = dream(info.returnType, seed, { ...options, solidField: solid });
    return hash(`late ${seed}`) % 3 === 0 ? Promise.resolve(value) : value;
  };
}

/** Text that is the same for equal arguments, whatever the order of their fields. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, field]) => `${name}:${canonical(field)}`).join()}}`;
}

function dream(
  type: GraphQLOutputType,
  seed: string,
  options: DreamOptions & { readonly solidField: boolean },
): unknown {
  if (isNonNullType(type)) return dream(type.ofType, `${seed}!`, options);
  if (!options.solidField && !seed.endsWith('!') && hash(`null ${seed}`) % 6 === 0) return null;
  if (isListType(type)) {
    return Array.from({ length: hash(`length ${seed}`) % 4 }, (_, index) =>
      dream(type.ofType, `${seed}[${index}]`, options),
    );
  }
  if (isEnumType(type)) {
    const values = type.getValues();
    return values[hash(seed) % values.length]?.value;
  }
  if (isObjectType(type)) return dreamObject(type.name, seed, options);
  if (isUnionType(type) || isInterfaceType(type)) {
    const possible = options.possible[type.name] ?? [];
    return dreamObject(possible[hash(`type ${seed}`) % possible.length] ?? '', seed, options);
  }
  return dreamLeaf(type.name, seed);
}

function dreamObject(typename: string, seed: string, options: DreamOptions): Dreamt {
  if (options.entities.has(typename)) return entity(typename, String(hash(seed) % ENTITIES));
  return { __typename: typename, seed };
}

function dreamLeaf(scalar: string, seed: string): unknown {
  const number = hash(seed);
  switch (scalar) {
    case 'Int':
      return number % 1_000;
    case 'Boolean':
      return number % 2 === 0;
    case 'ID':
      return String(number % 50);
    case 'String':
      return ['plain', 'with "quotes"', 'ü and 🌍', 'line\nbreak', '\u2028'][number % 5];
    case 'DateTime':
    case 'Duration':
      return `${scalar} ${number}`;
    default:
      return (number % 10_000) / 8;
  }
}
