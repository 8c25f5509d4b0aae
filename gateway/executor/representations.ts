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
  const namesOf = rewriteInput ? undefined : compileNames(requires, types);
  return () => new Gathered(represent, rewriteInput, namesOf);
}

class Gathered implements Gathering {
  readonly representations: DataObject[] = [];
  readonly #represent: Represent;
  readonly #rewriteInput: Rewrite | undefined;
  readonly #namesOf: NamesOf | undefined;
  /** Slots by the text of their representation. */
  #known: Map<string, number> | undefined;
  #typename: string | undefined;
  /** The field that entities are found by, and the others that have to be equal. */
  #lead: string | undefined;
  #others: readonly string[] = [];
  /** For a value of the field that leads, the newest slot that has it. */
  readonly #byLead = new Map<string, number>();
  /** For a slot, the one before it with the same value. */
  readonly #before = new Map<number, number>();

  constructor(represent: Represent, rewriteInput: Rewrite | undefined, namesOf: NamesOf | undefined) {
    this.#represent = represent;
    this.#rewriteInput = rewriteInput;
    this.#namesOf = namesOf;
  }

  slotOf(entity: DataObject): number {
    const typename = entity['__typename'];
    if (typeof typename !== 'string') return -1;
    // Entities of one type mostly come one after another; of several, the others are found by their text.
    if (this.#typename === undefined && this.#namesOf) this.#lookFor(typename, this.#namesOf(typename), entity);
    if (this.#lead === undefined || typename !== this.#typename) return this.#slotByText(entity);
    const value = entity[this.#lead];
    if (typeof value !== 'string') return this.#slotByText(entity);
    const newest = this.#byLead.get(value);
    for (let slot = newest; slot !== undefined; slot = this.#before.get(slot)) {
      if (this.#standsFor(slot, entity)) return slot;
    }
    const representation: DataObject = { __typename: typename, [this.#lead]: value };
    for (const name of this.#others) {
      const other = entity[name];
      if (!isLeaf(other)) return this.#slotByText(entity);
      representation[name] = other;
    }
    const slot = this.representations.push(representation) - 1;
    this.#byLead.set(value, slot);
    if (newest !== undefined) this.#before.set(slot, newest);
    return slot;
  }

  #lookFor(typename: string, names: readonly string[] | undefined, entity: DataObject): void {
    this.#typename = typename;
    const lead = names?.find((name) => typeof entity[name] === 'string');
    if (!names || lead === undefined) return;
    this.#lead = lead;
    this.#others = names.filter((name) => name !== lead);
  }

  #standsFor(slot: number, entity: DataObject): boolean {
    const representation = this.representations[slot] as DataObject;
    for (const name of this.#others) if (representation[name] !== entity[name]) return false;
    return true;
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

/** A value that is equal to another one when it is the same. */
function isLeaf(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** For a type whose representation is its name and fields that are taken over as they are, their names. */
type NamesOf = (typename: string) => readonly string[] | undefined;

function compileNames(requires: readonly QueryPlanSelectionNode[], types: TypeConditions): NamesOf {
  const known = new Map<string, readonly string[] | undefined>();
  return (typename) => {
    if (known.has(typename)) return known.get(typename);
    const names = new Set(fieldsOf(requires, typename, types));
    // A name that no type of the plan has may be anything that a subgraph says.
    if (names.size === 0) return undefined;
    const plain = [...names].filter((name): name is string => name !== undefined);
    const isWhole = plain.length === names.size && names.has('__typename');
    known.set(typename, isWhole ? plain.filter((name) => name !== '__typename') : undefined);
    return known.get(typename);
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
