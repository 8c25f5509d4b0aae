import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isNonNullType,
} from 'graphql';

/** A field as it is selected of objects of one type. */
export interface SelectedField {
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly nodes: readonly FieldNode[];
}

/** A place in an answer that holds a value: a field of an object, or an element of a list. Numbers of the elements on the way to it are told beside it. */
export interface Position {
  /** What holds the object or the list that it is in; undefined at the root. */
  readonly above: Position | undefined;
  /** Its response name; undefined for an element. */
  readonly key: string | undefined;
  /** The field that it is, or is an element of. */
  readonly field: SelectedField;
  readonly type: GraphQLOutputType;
  /** How many lists it is in. */
  readonly depth: number;
}

/** Numbers of the elements on the way to a position, from the root on; those of deeper lists may follow. */
export type Indices = readonly number[];

/** The position of the elements of a list. */
export function elementPosition(list: Position, type: GraphQLOutputType): Position {
  return { above: list, key: undefined, field: list.field, type, depth: list.depth + 1 };
}

export function pathOf(position: Position, indices: Indices): (string | number)[] {
  const path: (string | number)[] = [];
  let { depth } = position;
  for (let at: Position | undefined = position; at; at = at.above) {
    if (at.key === undefined) depth -= 1;
    path.push(at.key ?? (indices[depth] as number));
  }
  return path.reverse();
}

/** Where a null stands for what went wrong at a position; undefined for the whole answer. */
export function nullableAt(position: Position): Position | undefined {
  let at: Position | undefined = position;
  while (at && isNonNullType(at.type)) at = at.above;
  return at;
}

/** The path of the field at a position, as resolvers are told it. */
export function fieldPath(position: Position, indices: Indices): GraphQLResolveInfo['path'] {
  const way: Position[] = [];
  for (let at: Position | undefined = position; at; at = at.above) way.push(at);
  while (way[0]?.key === undefined) way.shift();
  let path: GraphQLResolveInfo['path'] | undefined;
  let depth = 0;
  for (const { key, field } of way.reverse()) {
    const typename = key === undefined ? undefined : field.parentType.name;
    path = { prev: path, key: key ?? (indices[depth++] as number), typename };
  }
  return path as GraphQLResolveInfo['path'];
}
