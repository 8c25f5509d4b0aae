import {
  type GraphQLCompositeType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import { dependsOnType, type FieldsType, type SelectionScope } from './collecting.ts';
import type { ResponseNames } from './response-names.ts';
import type { DataObject } from './values.ts';

/** What writing an answer is compiled from. */
export interface Compiling extends SelectionScope {
  readonly names: ResponseNames;
  /** Interfaces of which a subgraph may give an object without saying, or knowing, which type it is. */
  readonly interfaceObjects: ReadonlySet<string>;
}

/** What an object at a place of this type is. */
export function typenameOf({ interfaceObjects }: Compiling, type: GraphQLCompositeType, object: DataObject): unknown {
  if (isObjectType(type)) return type.name;
  return object['__typename'] ?? (interfaceObjects.has(type.name) ? type.name : undefined);
}

/** The type whose fields are written of objects that call themselves so, or undefined where none of that name can stand. */
export function fieldsTypeOf(
  compiling: Compiling,
  type: GraphQLCompositeType,
  typename: unknown,
  selections: readonly SelectionSetNode[],
): FieldsType | undefined {
  if (typeof typename !== 'string') return undefined;
  const { schema, interfaceObjects } = compiling;
  const named = schema.getType(typename);
  if (!isObjectType(named) && !isInterfaceType(named)) return undefined;
  if (named !== type && !(isAbstractType(type) && schema.isSubType(type, named))) return undefined;
  if (isInterfaceType(named)) {
    if (!interfaceObjects.has(named.name) || dependsOnType(compiling, named, selections)) return undefined;
  }
  return named;
}
