import { type DocumentNode, getOperationAST, OperationTypeNode } from 'graphql';
import type { Variables } from '../subgraph/port.ts';

/** The operation of a POST, with nothing left to find wrong before it is executed. */
export interface PostedOperation {
  readonly document: DocumentNode;
  /** The operation's own. */
  readonly operationName: string | undefined;
  readonly variables: Variables | undefined;
}

/** What a body asks for, its document being this one; undefined where Apollo Server has to say what is wrong with it. */
export function postedOperation(document: DocumentNode, body: unknown): PostedOperation | undefined {
  if (!isRecord(body)) return undefined;
  const { operationName, variables, extensions } = body;
  if (!isMissing(operationName) && typeof operationName !== 'string') return undefined;
  if (!isMissing(extensions) && !isRecord(extensions)) return undefined;
  if (!isMissing(variables) && !isRecord(variables)) return undefined;
  const operation = getOperationAST(document, operationName);
  if (!operation || operation.operation === OperationTypeNode.SUBSCRIPTION) return undefined;
  return { document, operationName: operation.name?.value, variables: variables ?? undefined };
}

function isMissing(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
