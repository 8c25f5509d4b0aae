import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNullableType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import { collectFields, dependsOnType, type FieldsType, type SelectionScope } from './collecting.ts';
import { isPlain, leafWriter, quoted, takesAnyText } from './leaves.ts';
import type { ResponseNames } from './response-names.ts';
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
 * null. The first pass keeps no paths; only when it meets a violation, a second one finds out where it is.
 */
export type Project = (data: DataObject, introspection: Readonly<Record<string, string>>) => Projected;

interface Pass {
  readonly introspection: Readonly<Record<string, string>>;
  /** Where the pass is; missing in the first one. */
  readonly path: (string | number)[] | undefined;
  readonly violations: Violation[];
  failed: boolean;
}

/** Text, or undefined where a null must not stand. */
type Write = (value: unknown, pass: Pass) => string | undefined;

type WriteObject = (object: DataObject, pass: Pass) => string | undefined;

interface WrittenField {
  readonly name: string;
  readonly source: string;
  /** Any string may stand here, and most need nothing but quotes. */
  readonly text: boolean;
  readonly write: Write;
}

/** What is written in front of a field's value: `open` with the quote that begins it, `after` with the one that ends the value before. */
interface Prefixes {
  readonly bare: string;
  readonly open: string;
  readonly afterBare: string;
  readonly afterOpen: string;
}

interface Compiling extends SelectionScope {
  readonly names: ResponseNames;
  /** Interfaces of which a subgraph may give an object without saying, or knowing, which type it is. */
  readonly interfaceObjects: ReadonlySet<string>;
}

/** A writer for an operation's root selections. */
export function compileProjection(
  compiling: Compiling,
  root: GraphQLObjectType,
  selections: SelectionSetNode,
): Project {
  const write = objectFields(compiling, root, [selections]);
  return (data, introspection) => {
    const fast: Pass = { introspection, path: undefined, violations: [], failed: false };
    const json = write(data, fast);
    if (!fast.failed) return { json: json ?? 'null', violations: [] };
    const slow: Pass = { introspection, path: [], violations: [], failed: false };
    return { json: write(data, slow) ?? 'null', violations: slow.violations };
  };
}

function violate(pass: Pass, message: string): undefined {
  pass.failed = true;
  if (pass.path) pass.violations.push({ message, path: [...pass.path] });
  return undefined;
}

/** A writer of all fields that are selected of an object of this type. */
function objectFields(compiling: Compiling, type: FieldsType, selections: readonly SelectionSetNode[]): WriteObject {
  const fields = [...collectFields(compiling, type, selections)].map(([name, nodes]) =>
    writtenField(compiling, type, name, nodes),
  );
  const prefixes = fields.map(({ name }, index): Prefixes => {
    const bare = `${index === 0 ? '' : ','}${JSON.stringify(name)}:`;
    return { bare, open: `${bare}"`, afterBare: `"${bare}`, afterOpen: `"${bare}"` };
  });
  // Quotes go with the names around them: the engine puts the answer together from half as many parts.
  return (object, pass) => {
    let json = '{';
    let inQuotes = false;
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index] as WrittenField;
      const prefix = prefixes[index] as Prefixes;
      const value = valueAt(object, field.source);
      if (field.text && typeof value === 'string' && isPlain(value)) {
        json += (inQuotes ? prefix.afterOpen : prefix.open) + value;
        inQuotes = true;
        continue;
      }
      pass.path?.push(field.name);
      const text = field.write(value, pass);
      pass.path?.pop();
      if (text === undefined) return undefined;
      json += (inQuotes ? prefix.afterBare : prefix.bare) + text;
      inQuotes = false;
    }
    return inQuotes ? `${json}"}` : `${json}}`;
  };
}

function writtenField(
  compiling: Compiling,
  parent: FieldsType,
  name: string,
  nodes: readonly FieldNode[],
): WrittenField {
  const fieldName = nodes[0]?.name.value ?? name;
  const written = { name, source: compiling.names.inside(name), text: false };
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
  const named = getNullableType(field.type);
  const text = isLeafType(named) && takesAnyText(named);
  return { ...written, text, write: writer(compiling, field.type, selections, `${parent.name}.${fieldName}`) };
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
      pass.path?.push(index);
      const text = element(value[index], pass);
      pass.path?.pop();
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
  const byTypename = new Map<string, WriteObject>();
  const known = isObjectType(type) ? type.name : undefined;
  const unsaid = isInterfaceType(type) && compiling.interfaceObjects.has(type.name) ? type.name : undefined;
  const fieldsOf = (typename: string): WriteObject | undefined => {
    const written = byTypename.get(typename) ?? writerOfType(compiling, type, typename, selections);
    if (written) byTypename.set(typename, written);
    return written;
  };
  return (value, pass) => {
    if (value === null || value === undefined) return 'null';
    if (!isObject(value)) {
      violate(pass, `${place} is not an object.`);
      return 'null';
    }
    const typename = known ?? value['__typename'] ?? unsaid;
    const fields = typeof typename === 'string' ? fieldsOf(typename) : undefined;
    if (!fields) {
      violate(pass, `${place} cannot be of the type ${quoted(String(typename)).slice(0, 80)}.`);
      return 'null';
    }
    return fields(value, pass) ?? 'null';
  };
}

/** A writer of objects that call themselves so, or undefined where none of that name can stand. */
function writerOfType(
  compiling: Compiling,
  type: GraphQLCompositeType,
  typename: string,
  selections: readonly SelectionSetNode[],
): WriteObject | undefined {
  const { schema, interfaceObjects } = compiling;
  const named = schema.getType(typename);
  if (!isObjectType(named) && !isInterfaceType(named)) return undefined;
  if (named !== type && !(isAbstractType(type) && schema.isSubType(type, named))) return undefined;
  if (isInterfaceType(named)) {
    if (!interfaceObjects.has(named.name) || dependsOnType(compiling, named, selections)) return undefined;
  }
  return objectFields(compiling, named, selections);
}
