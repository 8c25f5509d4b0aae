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
import { leafWriter, quoted } from './leaves.ts';
import { type Compiling, fieldsTypeOf, typenameOf } from './projecting.ts';
import { type DataObject, isObject, valueAt } from './values.ts';

/** Something wrong with the merged data, found while writing it. */
export interface Violation {
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

function violate({ violations, path }: Pass, message: string): undefined {
  violations.push({ message, path: [...path] });
  return undefined;
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
        return violate(pass, `Cannot return null for non-nullable field ${place}.`);
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
      violate(pass, `${place} cannot be ${quoted(String(value)).slice(0, 80)}: that is no ${type.name}.`);
      return 'null';
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
    if (!Array.isArray(value)) {
      violate(pass, `${place} is not a list.`);
      return 'null';
    }
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
    if (!isObject(value)) {
      violate(pass, `${place} is not an object.`);
      return 'null';
    }
    const typename = typenameOf(compiling, type, value);
    const fields = fieldsOf(typename);
    if (!fields) {
      violate(pass, `${place} cannot be of the type ${quoted(String(typename)).slice(0, 80)}.`);
      return 'null';
    }
    return fields(value, pass) ?? 'null';
  };
}
