import type { QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { TypeConditions } from './type-conditions.ts';
import { type DataObject, isObject, valueAt } from './values.ts';

/** The representation of an entity that a fetch needs, or null when the data does not hold all of it. */
export type Represent = (entity: DataObject) => DataObject | null;

type Part = (entity: DataObject, into: DataObject) => boolean;

/** Builds representations as `requires` of a fetch describes them. */
export function compileRepresentation(requires: readonly QueryPlanSelectionNode[], types: TypeConditions): Represent {
  const object = compileObject(requires, types);
  return (entity) => {
    const representation = object(entity);
    return representation && typeof representation['__typename'] === 'string' ? representation : null;
  };
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

/** Text that is equal for equal representations of one fetch and for no others. Most hold nothing but text, which JSON is slow for. */
export function representationKey(representation: DataObject): string {
  let key = '';
  for (const name of Object.keys(representation)) {
    const value = representation[name];
    if (typeof value !== 'string') return JSON.stringify(representation);
    key += `${name}:${value.length}:${value},`;
  }
  return key;
}
