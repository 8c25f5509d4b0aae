import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
} from 'graphql';
import { collectFields } from '../executor/collecting.ts';
import { operationOf } from '../executor/operation-of.ts';
import type { Variables } from '../subgraph/port.ts';

/** An operation of a document. */
export interface AskedOperation {
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
}

/** The fields of an operation's root that are asked for, with these variables. */
export function rootFields(
  { schema, root }: { readonly schema: GraphQLSchema; readonly root: GraphQLObjectType },
  { document, operationName }: AskedOperation,
  variables: Variables,
): readonly FieldNode[] {
  const fragments = new Map(
    document.definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((fragment) => [fragment.name.value, fragment]),
  );
  const { selectionSet } = operationOf(document, operationName);
  return [...collectFields({ schema, fragments, conditions: variables }, root, [selectionSet]).values()].flatMap(
    ([node]) => node ?? [],
  );
}
