import { type Access, refusal } from '@greencity/platform/graphql/access';
import type { Viewer } from '@greencity/platform/graphql/port';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { FAULTS_MAX, type Fault } from '../executor/run.ts';
import { type DataObject, isObject, valueAt } from '../executor/values.ts';
import type { Variables } from '../subgraph/port.ts';
import type { FieldAccess } from './field-access.ts';

/** A field of an operation that not everybody may have. */
export interface RestrictedField {
  /** As `Query.deadLetters`. */
  readonly coordinate: string;
  readonly access: Access;
  /** Type that the field is of. */
  readonly parent: string;
  /** Response names from the root, without places in lists. */
  readonly path: readonly string[];
  /** Variables that must be so for the field to be asked for at all. */
  readonly conditions: readonly { readonly variable: string; readonly value: boolean }[];
}

interface Walk {
  readonly schema: GraphQLSchema;
  readonly access: FieldAccess;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly found: RestrictedField[];
  /** Fragments that were walked at a path; a second time finds nothing new. */
  readonly walked: Set<string>;
}

interface Place {
  readonly path: readonly string[];
  readonly conditions: RestrictedField['conditions'];
}

/** The restricted fields of one operation, wherever its fragments put them. */
export function restrictedFields(
  { schema, access }: Pick<Walk, 'schema' | 'access'>,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly RestrictedField[] {
  const root = schema.getRootType(operation.operation);
  if (access.size === 0 || !root) return [];
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const walk: Walk = { schema, access, fragments, found: [], walked: new Set() };
  walkSelections(walk, root, operation.selectionSet, { path: [], conditions: [] });
  return walk.found;
}

function walkSelections(walk: Walk, type: GraphQLNamedType | undefined, set: SelectionSetNode, above: Place): void {
  for (const selection of set.selections) {
    const place = { ...above, conditions: [...above.conditions, ...conditionsOf(selection)] };
    if (selection.kind === Kind.FIELD) walkField(walk, type, selection, place);
    else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value;
      walkSelections(walk, condition ? walk.schema.getType(condition) : type, selection.selectionSet, place);
    } else {
      const fragment = walk.fragments.get(selection.name.value);
      const key = JSON.stringify([selection.name.value, place]);
      if (!fragment || walk.walked.has(key)) continue;
      walk.walked.add(key);
      walkSelections(walk, walk.schema.getType(fragment.typeCondition.name.value), fragment.selectionSet, place);
    }
  }
}

function walkField(
  walk: Walk,
  type: GraphQLNamedType | undefined,
  node: Extract<SelectionNode, { kind: Kind.FIELD }>,
  { path: above, conditions }: Place,
): void {
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  const coordinate = `${type.name}.${node.name.value}`;
  const path = [...above, node.alias?.value ?? node.name.value];
  const access = walk.access.get(coordinate);
  if (access) walk.found.push({ coordinate, access, parent: type.name, path, conditions });
  const field = type.getFields()[node.name.value];
  if (field && node.selectionSet)
    walkSelections(walk, getNamedType(field.type), node.selectionSet, { path, conditions });
}

function conditionsOf(selection: SelectionNode): RestrictedField['conditions'] {
  return (selection.directives ?? []).flatMap((directive) => {
    const name = directive.name.value;
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    if ((name !== 'skip' && name !== 'include') || value?.kind !== Kind.VARIABLE) return [];
    return [{ variable: value.name.value, value: name === 'include' }];
  });
}

/** A restricted field that this viewer may not have, and why. */
export interface RefusedField extends RestrictedField {
  readonly error: Error;
}

/** Those of the fields that this viewer may not have. */
export function refusedFields(fields: readonly RestrictedField[], viewer: Viewer): readonly RefusedField[] {
  if (fields.length === 0) return [];
  return fields.flatMap((field) => {
    const error = refusal(field.access, field.coordinate, viewer);
    return error ? [{ ...field, error }] : [];
  });
}

/** The document without fields of these coordinates. An object of which nothing else was asked is asked whether it is there. */
export function withoutFields(
  document: DocumentNode,
  schema: GraphQLSchema,
  coordinates: ReadonlySet<string>,
): DocumentNode {
  const types = new TypeInfo(schema);
  const stripped = visit(
    document,
    visitWithTypeInfo(types, {
      Field: (node) => (coordinates.has(`${types.getParentType()?.name}.${node.name.value}`) ? null : undefined),
    }),
  );
  return visit(stripped, {
    SelectionSet: (node) => (node.selections.length === 0 ? { ...node, selections: [TYPENAME] } : undefined),
  });
}

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } } as const;

/** Whether variables leave a field in its operation. */
export function isAskedFor({ conditions }: RestrictedField, variables: Variables): boolean {
  return conditions.every(({ variable, value }) => (variables[variable] === true) === value);
}

/** A fault at each place of the data that a refused field would have filled. */
export function refusalFaults(
  root: DataObject,
  refused: readonly RefusedField[],
  variables: Variables,
): readonly Fault[] {
  const faults: Fault[] = [];
  for (const field of refused) {
    const { path, parent, error } = field;
    if (!isAskedFor(field, variables)) continue;
    for (const place of placesOf(root, path.slice(0, -1), parent)) {
      if (faults.length >= FAULTS_MAX) return faults;
      faults.push({ subgraph: undefined, error, path: [...place, path.at(-1) ?? ''], whole: false });
    }
  }
  return faults;
}

/** Faults where there is no data to place them in: a subscription that may not have all that it asks for is not begun. */
export function refusedBeforeData(refused: readonly RefusedField[]): readonly Fault[] {
  return refused.map(({ error, path }) => ({ subgraph: undefined, error, path, whole: false }));
}

function* placesOf(value: unknown, path: readonly string[], parent: string): Generator<readonly (string | number)[]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      for (const place of placesOf(item, path, parent)) yield [index, ...place];
    }
    return;
  }
  if (!isObject(value)) return;
  const [name, ...rest] = path;
  if (name === undefined) {
    const actual = valueAt(value, '__typename');
    if (actual === undefined || actual === parent) yield [];
    return;
  }
  for (const place of placesOf(valueAt(value, name), rest, parent)) yield [name, ...place];
}
