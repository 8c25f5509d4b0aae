import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type DataObject, isObject, valueAt } from '../executor/values.ts';

/** For each subscription field, the paths of schema fields whose values together say what an event is about. */
export type ConflationPaths = Readonly<Record<string, readonly string[]>>;

export type ConflationKey = (data: DataObject) => string | undefined;

/** The key by which a newer event of this operation replaces an older one; undefined for an event whose subject cannot be told. */
export function compileConflation(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  paths: ConflationPaths,
): ConflationKey {
  const [root] = fieldsOf(operation.selectionSet, document);
  const wanted = root && Object.hasOwn(paths, root.name.value) ? paths[root.name.value] : undefined;
  if (!root || !wanted) return () => undefined;
  const from = responseName(root);
  const resolved = wanted.map((path) => responsePath(root, path.split('.'), document));
  return (data) => {
    const parts: unknown[] = [];
    for (const path of resolved) {
      const value = path && read(valueAt(data, from), path);
      if (value === undefined || value === null) return undefined;
      parts.push(value);
    }
    return JSON.stringify(parts);
  };
}

function responseName(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}

function fieldsOf(set: SelectionSetNode | undefined, document: DocumentNode): readonly FieldNode[] {
  return (set?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsOf(selection.selectionSet, document);
    const fragment = document.definitions.find(
      (definition): definition is FragmentDefinitionNode =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    return fieldsOf(fragment?.selectionSet, document);
  });
}

/** Response names along a path of schema fields. A field that was not selected may still be there, fetched as a key under its own name. */
function responsePath(
  parent: FieldNode,
  path: readonly string[],
  document: DocumentNode,
): readonly string[] | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return [];
  const fields = fieldsOf(parent.selectionSet, document);
  const field = fields.find((candidate) => candidate.name.value === name);
  if (!field) return fields.some((candidate) => responseName(candidate) === name) ? undefined : [name, ...rest];
  const below = responsePath(field, rest, document);
  return below && [responseName(field), ...below];
}

function read(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (!isObject(at)) return undefined;
    at = valueAt(at, name);
  }
  return at;
}
