import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql';

/** The operation that a request means. The document has been validated, so it exists. */
export function operationOf(document: DocumentNode, name: string | undefined): OperationDefinitionNode {
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION && (name === undefined || definition.name?.value === name),
  );
  if (!operation) throw new Error('the document does not hold the operation');
  return operation;
}
