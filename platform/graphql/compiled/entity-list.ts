import { defaultFieldResolver, isListType, isNonNullType, isUnionType, Kind } from 'graphql';
import { type EntityResolution, entityResolutionOf, isThenable, type Representation } from '../entities.ts';
import type { SubgraphContext } from '../port.ts';
import { type Complete, type Execution, Later } from './execution.ts';
import type { ObjectPlace } from './generating.ts';
import { mayRead } from './parameters.ts';
import { elementPosition, type Position } from './positions.ts';
import { runtimeType } from './runtime-types.ts';
import type { Selecting } from './selected-fields.ts';

/** Entities of representations; undefined where the field's own resolver has to look at them. */
export type EntityList = (execution: Execution) => readonly unknown[] | undefined;

/** What is known beforehand of entities of one type. */
interface EntityType {
  readonly resolveReference: ReturnType<EntityResolution['resolverOf']>;
  readonly readsInfo: boolean;
  /** Makes an object of the answer from what was found. */
  readonly complete: Complete;
}

type CompileObject = (selecting: Selecting, place: ObjectPlace) => Complete;

/**
 * Makes the list of `_entities` with nothing between a reference and its object: of which type an entity is, its representation has said. Undefined for other
 * fields, and where the representations are no variable.
 */
export function entityList(
  selecting: Selecting,
  field: Position,
  compileObject: CompileObject,
): EntityList | undefined {
  const { definition, nodes } = field.field;
  const resolution = entityResolutionOf(definition.resolve ?? defaultFieldResolver);
  const [argument] = nodes[0]?.arguments ?? [];
  const list = isNonNullType(field.type) ? field.type.ofType : field.type;
  if (!resolution || argument?.value.kind !== Kind.VARIABLE || !isListType(list) || isNonNullType(list.ofType)) {
    return undefined;
  }
  const variable = argument.value.name.value;
  const position = elementPosition(field, list.ofType);
  const typeNamed = entityTypes(selecting, position, { resolution, compileObject });
  return (execution) => {
    const representations = execution.variables[variable];
    if (!Array.isArray(representations)) return undefined;
    const types = typesOf(representations, typeNamed);
    return types && resolved(execution, position, representations, types);
  };
}

type TypeNamed = (typename: unknown) => EntityType | undefined;

function entityTypes(
  selecting: Selecting,
  position: Position,
  { resolution, compileObject }: { readonly resolution: EntityResolution; readonly compileObject: CompileObject },
): TypeNamed {
  const { schema } = selecting;
  const { type: abstract, field } = position;
  const known = new Map<unknown, EntityType>();
  const selections = field.nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return (typename) => {
    const found = known.get(typename);
    if (found) return found;
    const type = resolution.types.get(typename as string);
    if (!type || !isUnionType(abstract) || !schema.isSubType(abstract, type)) return undefined;
    const resolveReference = resolution.resolverOf(type.name);
    const object = compileObject(selecting, { above: position, type, selections });
    const complete: Complete = (value, execution, index) => {
      if (value instanceof Error) throw value;
      if (value === null || value === undefined) return null;
      if (typeof value !== 'object') return runtimeType({ schema, abstract, field }, undefined, value);
      return object(value, execution, index as number);
    };
    const made = { resolveReference, readsInfo: mayRead(resolveReference, 2), complete };
    known.set(typename, made);
    return made;
  };
}

/** The type of each representation; undefined when one is of a type that is not known to be an entity. */
function typesOf(representations: readonly unknown[], typeNamed: TypeNamed): readonly EntityType[] | undefined {
  const types = new Array<EntityType>(representations.length);
  let typename: unknown;
  let type: EntityType | undefined;
  for (let index = 0; index < representations.length; index += 1) {
    const named = (representations[index] as Partial<Representation> | null)?.__typename;
    if (!type || named !== typename) type = typeNamed(named);
    if (!type) return undefined;
    typename = named;
    types[index] = type;
  }
  return types;
}

/** Asks for all entities before it looks at the first, so that loaders hear of all of them. */
function resolved(
  execution: Execution,
  position: Position,
  representations: readonly unknown[],
  types: readonly EntityType[],
): readonly unknown[] {
  const context = execution.context as SubgraphContext;
  const list = new Array<unknown>(representations.length);
  for (let index = 0; index < list.length; index += 1) {
    const { resolveReference, readsInfo } = types[index] as EntityType;
    const representation = representations[index] as Representation;
    const info = readsInfo && resolveReference ? execution.info(position, []) : undefined;
    list[index] = resolveReference ? resolveReference(representation, context, info) : representation;
  }
  for (let index = 0; index < list.length; index += 1) {
    const value = list[index];
    const { complete } = types[index] as EntityType;
    try {
      if (isThenable(value)) {
        list[index] = execution.waitIn(list, new Later(value, complete), position, [index]);
        continue;
      }
      const completed = complete(value, execution, index);
      list[index] = completed instanceof Later ? execution.waitIn(list, completed, position, [index]) : completed;
    } catch (error) {
      list[index] = execution.failed(error, position, [index]);
    }
  }
  return list;
}
