import type { FetchDataRewrite } from '@apollo/query-planner';
import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';
import type { TypeConditions } from './type-conditions.ts';
import { type DataObject, isObject, valueAt } from './values.ts';

/** What a fetch asked for, by response name: nothing else that a subgraph may answer is taken over. */
type Shape = Map<string, Field>;
interface Field {
  readonly name: string;
  /** Missing for a leaf, whose value is taken as it is, whatever it is. */
  readonly nested: Shape | undefined;
}

/** Moves what a subgraph answered into the data. With `copy`, nothing of `source` is shared, so that it can be merged again elsewhere. */
export type Merge = (target: DataObject, source: DataObject, copy: boolean) => void;

/**
 * How the answer to a fetch is merged. A value that is there already is only replaced by another value: null means that
 * one subgraph knows nothing, and takes nothing from what another one said.
 */
export function compileMerge(
  document: DocumentNode,
  outputRewrites: readonly FetchDataRewrite[] | undefined,
  types: TypeConditions,
): Merge {
  const shape: Shape = new Map();
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) collect(definition.selectionSet, shape, fragments);
  }
  const entities = shape.get('_entities')?.nested;
  const merged = entities ?? shape;
  for (const rewrite of outputRewrites ?? []) rename(rewrite, merged);
  const fields = [...merged.values()];
  return (target, source, copy) => mergeObject({ target, source, fields, how: { copy, types } });
}

function collect(selections: SelectionSetNode, shape: Shape, fragments: Map<string, FragmentDefinitionNode>): void {
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.alias?.value ?? selection.name.value;
      const field = shape.get(name) ?? { name, nested: selection.selectionSet ? new Map() : undefined };
      shape.set(name, field);
      if (selection.selectionSet && field.nested) collect(selection.selectionSet, field.nested, fragments);
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      collect(selection.selectionSet, shape, fragments);
    } else {
      const fragment = fragments.get(selection.name.value);
      if (fragment) collect(fragment.selectionSet, shape, fragments);
    }
  }
}

/** Adds the name that a rewrite gives to a field, beside the one that the fetch uses. */
function rename(rewrite: FetchDataRewrite, shape: Shape): void {
  const steps = rewrite.path.filter((step) => !step.startsWith('... on '));
  const last = steps.pop();
  let at: Shape | undefined = shape;
  for (const step of steps) at = at?.get(step)?.nested;
  if (last === undefined || !at) return;
  const name = rewrite.kind === 'KeyRenamer' ? rewrite.renameKeyTo : last;
  const nested = mergedShapes(at.get(name)?.nested, at.get(last)?.nested);
  at.set(name, { name, nested });
}

function mergedShapes(one: Shape | undefined, other: Shape | undefined): Shape | undefined {
  if (!one || !other) return one ?? other;
  const all: Shape = new Map(one);
  for (const [name, field] of other) {
    all.set(name, { name, nested: mergedShapes(one.get(name)?.nested, field.nested) });
  }
  return all;
}

interface Merging {
  readonly target: DataObject;
  readonly source: DataObject;
  readonly fields: readonly Field[];
  readonly how: How;
}

interface How {
  readonly copy: boolean;
  readonly types: TypeConditions;
}

function mergeObject({ target, source, fields, how }: Merging): void {
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] as Field;
    const value = valueAt(source, field.name);
    if (value === undefined) continue;
    const present = valueAt(target, field.name);
    if (present === undefined || present === null) {
      target[field.name] = how.copy && field.nested ? copied(value) : value;
    } else if (field.nested) {
      if (value !== null) target[field.name] = mergeValue(present, value, field.nested, how);
    } else if (value !== null && (field.name !== '__typename' || isNarrower(value, present, how.types))) {
      target[field.name] = value;
    }
  }
}

/** A subgraph that keeps an interface as an object calls its objects by the interface's name: one that knows better is not corrected. */
function isNarrower(typename: unknown, present: unknown, types: TypeConditions): boolean {
  return typename !== present && typeof present === 'string' && types(present).has(String(typename));
}

function mergeValue(present: unknown, value: unknown, shape: Shape, how: How): unknown {
  if (isObject(present) && isObject(value)) {
    mergeObject({ target: present, source: value, fields: [...shape.values()], how });
    return present;
  }
  if (Array.isArray(present) && Array.isArray(value) && present.length === value.length) {
    for (let index = 0; index < value.length; index += 1) {
      const [was, now] = [present[index], value[index]];
      if (was === null || was === undefined) present[index] = how.copy ? copied(now) : now;
      else if (now !== null) present[index] = mergeValue(was, now, shape, how);
    }
    return present;
  }
  return how.copy ? copied(value) : value;
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (!isObject(value)) return value;
  const copy: DataObject = {};
  for (const name of Object.keys(value)) copy[name] = copied(value[name]);
  return copy;
}
