import type { QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { Rewrite } from './rewrites.ts';
import type { TypeConditions } from './type-conditions.ts';
import { type DataObject, isObject, valueAt } from './values.ts';

/** Representations of the entities of one fetch, each once. */
export interface Gathering {
  readonly representations: DataObject[];
  /** Which representation stands for an entity; -1 when the data does not hold all of it. */
  slotOf(entity: DataObject): number;
}

/** Begins to gather for one fetch. */
export type Gather = () => Gathering;

type Represent = (entity: DataObject) => DataObject | null;
type Part = (entity: DataObject, into: DataObject) => boolean;

/** Builds representations as `requires` of a fetch describes them, changed by `rewriteInput`. */
export function compileGathering(
  requires: readonly QueryPlanSelectionNode[],
  rewriteInput: Rewrite | undefined,
  types: TypeConditions,
): Gather {
  const represent = compileObject(requires, types);
  const keys = rewriteInput ? undefined : compileKeys(requires, types);
  return () => new Gathered(represent, rewriteInput, keys);
}

class Gathered implements Gathering {
  readonly representations: DataObject[] = [];
  readonly #represent: Represent;
  readonly #rewriteInput: Rewrite | undefined;
  readonly #keys: KeyOf | undefined;
  #known: Map<string, number> | undefined;
  /** Entities whose key is one value: found by it before anything is built. */
  #byKey: Map<unknown, number> | undefined;
  #typename: string | undefined;
  #key: string | undefined;

  constructor(represent: Represent, rewriteInput: Rewrite | undefined, keys: KeyOf | undefined) {
    this.#represent = represent;
    this.#rewriteInput = rewriteInput;
    this.#keys = keys;
  }

  slotOf(entity: DataObject): number {
    const typename = entity['__typename'];
    if (typeof typename !== 'string') return -1;
    // Entities of one type mostly come one after another; of several, the others are found by their text.
    if (this.#typename === undefined && this.#keys) {
      this.#typename = typename;
      this.#key = this.#keys(typename);
    }
    if (this.#key === undefined || typename !== this.#typename) return this.#slotByText(entity);
    const value = entity[this.#key];
    if (typeof value !== 'string') return this.#slotByText(entity);
    this.#byKey ??= new Map();
    const known = this.#byKey.get(value);
    if (known !== undefined) return known;
    const slot = this.representations.push({ __typename: typename, [this.#key]: value }) - 1;
    this.#byKey.set(value, slot);
    return slot;
  }

  #slotByText(entity: DataObject): number {
    const representation = this.#represent(entity);
    if (!representation || typeof representation['__typename'] !== 'string') return -1;
    this.#rewriteInput?.(representation);
    const text = representationKey(representation);
    this.#known ??= new Map();
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const slot = this.representations.push(representation) - 1;
    this.#known.set(text, slot);
    return slot;
  }
}

/** For a type whose representation is its name and one other field, that field's name. */
type KeyOf = (typename: string) => string | undefined;

function compileKeys(requires: readonly QueryPlanSelectionNode[], types: TypeConditions): KeyOf {
  const known = new Map<string, string | undefined>();
  return (typename) => {
    if (known.has(typename)) return known.get(typename);
    const names = new Set(fieldsOf(requires, typename, types));
    // A name that no type of the plan has may be anything that a subgraph says.
    if (names.size === 0) return undefined;
    const key = names.delete('__typename') && names.size === 1 ? [...names][0] : undefined;
    known.set(typename, key);
    return key;
  };
}

/** Names of the fields that represent an entity of this type; undefined among them stands for one that is not just taken over. */
function fieldsOf(
  selections: readonly QueryPlanSelectionNode[],
  typename: string,
  types: TypeConditions,
): (string | undefined)[] {
  return selections.flatMap((selection) => {
    if (selection.kind === 'Field') {
      const plain = selection.alias === undefined && !selection.selections?.length;
      return [plain ? selection.name : undefined];
    }
    if (selection.typeCondition && !types(selection.typeCondition).has(typename)) return [];
    return fieldsOf(selection.selections, typename, types);
  });
}

function compileObject(selections: readonly QueryPlanSelectionNode[], types: TypeConditions): Represent {
  const parts = selections.map((selection) => compilePart(selection, types));
  return (entity) => {
    const into: DataObject = {};
    for (const part of parts) if (!part(entity, into)) return null;
    return into;
  };
}

function compilePart(selection: QueryPlanSelectionNode, types: TypeConditions): Part {
  if (selection.kind === 'Field') return compileField(selection, types);
  if (!selection.typeCondition) return () => true;
  const fulfilling = types(selection.typeCondition);
  const parts = selection.selections.map((nested) => compilePart(nested, types));
  return (entity, into) => {
    const typename = entity['__typename'];
    if (typeof typename !== 'string' || !fulfilling.has(typename)) return true;
    const own: DataObject = {};
    for (const part of parts) if (!part(entity, own)) return true;
    Object.assign(into, own);
    return true;
  };
}

function compileField(field: QueryPlanFieldNode, types: TypeConditions): Part {
  const source = field.alias ?? field.name;
  const { name } = field;
  const nested = field.selections && field.selections.length > 0 ? compileObject(field.selections, types) : undefined;
  const value = (given: unknown): unknown => {
    if (!nested || given === null) return given;
    if (Array.isArray(given)) return given.map(value);
    return isObject(given) ? nested(given) : null;
  };
  return (entity, into) => {
    const given = valueAt(entity, source);
    if (given === undefined) return false;
    into[name] = value(given);
    return true;
  };
}

/** Text that is equal for equal representations of one fetch and for no others. Most hold nothing but leaves, which JSON is slow for. */
function representationKey(representation: DataObject): string {
  let key = '';
  for (const name of Object.keys(representation)) {
    const value = representation[name];
    if (typeof value === 'string') key += `${name}:${value.length}:${value},`;
    else if (typeof value === 'number' || typeof value === 'boolean') key += `${name}=${value},`;
    else return JSON.stringify(representation);
  }
  return key;
}
