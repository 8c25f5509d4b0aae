import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  type SelectionSetNode,
} from 'graphql';
import { collectFields, type FieldsType } from './collecting.ts';
import { leafWriter } from './leaves.ts';
import { type Compiling, fieldsTypeOf, typenameOf } from './projecting.ts';
import { type DataObject, isObject, valueAt } from './values.ts';

/** Something wrong with the merged data, found while writing it. */
export interface Violation {
  /** Nothing where something must be, or something that its type does not have: that is a subgraph's mistake. */
  readonly kind: 'missing' | 'mistaken';
  readonly message: string;
  readonly path: readonly (string | number)[];
}

/** The answer's `data` as JSON text. */
export interface Projected {
  readonly json: string;
  readonly violations: readonly Violation[];
}

/**
 * Writes the answer to an operation straight from the merged data: a null where the schema allows none makes its parent
 * null, and is told with its place.
 */
export type Project = (data: DataObject, introspection: Readonly<Record<string, string>>) => Projected;

interface Pass {
  readonly introspection: Readonly<Record<string, string>>;
  /** Where the pass is. */
  readonly path: (string | number)[];
  readonly violations: Violation[];
}

/** Text, or undefined where a null must not stand. */
type Write = (value: unknown, pass: Pass) => string | undefined;

type WriteObject = (object: DataObject, pass: Pass) => string | undefined;

interface WrittenField {
  readonly name: string;
  readonly source: string;
  readonly write: Write;
}

/** A writer for an operation's root selections. */
export function compileProjection(
  compiling: Compiling,
  root: GraphQLObjectType,
  selections: SelectionSetNode,
): Project {
  const write = objectFields(compiling, root, [selections]);
  return (data, introspection) => {
    const pass: Pass = { introspection, path: [], violations: [] };
    return { json: write(data, pass) ?? 'null', violations: pass.violations };
  };
}

function missing({ violations, path }: Pass, message: string): undefined {
  violations.push({ kind: 'missing', message, path: [...path] });
  return undefined;
}

/** The value itself stays out of it: it need not be for this client. */
function mistaken({ violations, path }: Pass, message: string): 'null' {
  violations.push({ kind: 'mistaken', message, path: [...path] });
  return 'null';
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'a list' : `of the kind ${typeof value}`;
}

/** A writer of all fields that are selected of an object of this type. */
function objectFields(compiling: Compiling, type: FieldsType, selections: readonly SelectionSetNode[]): WriteObject {
  const fields = [...collectFields(compiling, type, selections)].map(([name, nodes]) =>
    writtenField(compiling, type, name, nodes),
  );
  return (object, pass) => {
    let json = '{';
    for (const [index, field] of fields.entries()) {
      pass.path.push(field.name);
      const text = field.write(valueAt(object, field.source), pass);
      pass.path.pop();
      if (text === undefined) return undefined;
      json += `${index === 0 ? '' : ','}${JSON.stringify(field.name)}:${text}`;
    }
    return `${json}}`;
  };
}

function writtenField(
  compiling: Compiling,
  parent: FieldsType,
  name: string,
  nodes: readonly FieldNode[],
): WrittenField {
  const fieldName = nodes[0]?.name.value ?? name;
  const written = { name, source: compiling.names.inside(name) };
  if (fieldName === '__typename') {
    const text = `"${parent.name}"`;
    return { ...written, write: () => text };
  }
  if (fieldName === '__schema' || fieldName === '__type') {
    return { ...written, write: (_, pass) => pass.introspection[name] ?? 'null' };
  }
  const field = parent.getFields()[fieldName];
  if (!field) throw new Error(`the operation selects ${parent.name}.${fieldName}, which the schema does not have`);
  const selections = nodes.flatMap((node) => (node.selectionSet ? [node.selectionSet] : []));
  return { ...written, write: writer(compiling, field.type, selections, `${parent.name}.${fieldName}`) };
}

function writer(
  compiling: Compiling,
  type: GraphQLOutputType,
  selections: readonly SelectionSetNode[],
  place: string,
): Write {
  if (isNonNullType(type)) {
    const nullable = writer(compiling, type.ofType, selections, place);
    return (value, pass) => {
      if (value === null || value === undefined) {
        return missing(pass, `Cannot return null for non-nullable field ${place}.`);
      }
      const text = nullable(value, pass);
      return text === 'null' ? undefined : text;
    };
  }
  if (isListType(type)) return listWriter(compiling, type.ofType, selections, place);
  if (isLeafType(type)) {
    const leaf = leafWriter(type);
    return (value, pass) => {
      if (value === null || value === undefined) return 'null';
      const text = leaf(value);
      if (text !== undefined) return text;
      return mistaken(pass, `${place} is no ${type.name}, but ${kindOf(value)}.`);
    };
  }
  return compositeWriter(compiling, type, selections, place);
}

function listWriter(
  compiling: Compiling,
  elementType: GraphQLOutputType,
  selections: readonly SelectionSetNode[],
  place: string,
): Write {
  const element = writer(compiling, elementType, selections, place);
  return (value, pass) => {
    if (value === null || value === undefined) return 'null';
    if (!Array.isArray(value)) return mistaken(pass, `${place} is no list, but ${kindOf(value)}.`);
    let json = '[';
    let bubbled = false;
    for (let index = 0; index < value.length; index += 1) {
      pass.path.push(index);
      const text = element(value[index], pass);
      pass.path.pop();
      if (text === undefined) bubbled = true;
      else json += index === 0 ? text : `,${text}`;
    }
    return bubbled ? 'null' : `${json}]`;
  };
}

function compositeWriter(
  compiling: Compiling,
  type: GraphQLCompositeType,
  selections: readonly SelectionSetNode[],
  place: string,
): Write {
  const byTypename = new Map<unknown, WriteObject>();
  const fieldsOf = (typename: unknown): WriteObject | undefined => {
    const written = byTypename.get(typename);
    if (written) return written;
    const fieldsType = fieldsTypeOf(compiling, type, typename, selections);
    const made = fieldsType && objectFields(compiling, fieldsType, selections);
    if (made) byTypename.set(typename, made);
    return made;
  };
  return (value, pass) => {
    if (value === null || value === undefined) return 'null';
    if (!isObject(value)) return mistaken(pass, `${place} is no object, but ${kindOf(value)}.`);
    const typename = typenameOf(compiling, type, value);
    const fields = fieldsOf(typename);
    if (fields) return fields(value, pass) ?? 'null';
    if (typeof typename === 'string' && typename !== type.name)
      return mistaken(pass, `${place} cannot be of the type ${typename.slice(0, 80)}.`);
    missing(pass, `Nobody knows the type of ${place}.`);
    return 'null';
  };
}
