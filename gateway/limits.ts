import { ERRORS } from '@greencity/platform/errors';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
} from 'graphql';
import { extents } from './extent.ts';
import type { OperationLimits } from './settings.ts';
import { mistakesIn } from './validating.ts';

/** A document that may be executed, or why not. */
export type Admission =
  | { readonly kind: 'admitted'; readonly document: DocumentNode }
  | { readonly kind: 'refused'; readonly errors: readonly GraphQLError[] };

/** Parses and validates a document within the limits: the same for every way in. What is too large is refused before it is validated, which can take long. */
export function admit(schema: GraphQLSchema, source: string, limits: OperationLimits): Admission {
  if (source.length > limits.textLengthMax)
    return refused([tooCostly(`${source.length} characters, the limit is ${limits.textLengthMax}`)]);
  let document: DocumentNode;
  try {
    document = parse(source, { maxTokens: limits.tokensMax });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return refused(
      [hasTooManyTokens(error) ? tooCostly(`the limit is ${limits.tokensMax} tokens`) : error],
      'GRAPHQL_PARSE_FAILED',
    );
  }
  const excesses = excessesOf(document, limits);
  if (excesses.length > 0) return refused(excesses.slice(0, limits.mistakesMax));
  const errors = mistakesIn(schema, document, { rules: specifiedRules, mistakesMax: limits.mistakesMax });
  if (errors.length > 0) return refused(errors, 'GRAPHQL_VALIDATION_FAILED');
  return { kind: 'admitted', document };
}

/** The parser has no other word for it. */
function hasTooManyTokens({ message }: GraphQLError): boolean {
  return message.includes('Document contains more that');
}

/** Each limit that an operation is beyond. */
function excessesOf(document: DocumentNode, limits: OperationLimits): readonly GraphQLError[] {
  const extentOf = extents(document);
  return document.definitions.flatMap((operation) => {
    if (operation.kind !== Kind.OPERATION_DEFINITION) return [];
    const { depth, aliases, directives, selections } = extentOf(operation);
    const roots = operation.selectionSet.selections.length;
    const measured: readonly (readonly [number, number, string])[] = [
      [depth, limits.depthMax, 'levels deep'],
      [aliases, limits.aliasesMax, 'aliases'],
      [directives, limits.directivesMax, 'directives'],
      [roots, limits.rootFieldsMax, 'root fields'],
      [selections, limits.selectionsMax, 'selections next to each other'],
    ];
    return measured
      .filter(([found, most]) => found > most)
      .map(([found, most, what]) => tooCostly(`${found} ${what}, the limit is ${most}`, operation));
  });
}

function tooCostly(what: string, node?: OperationDefinitionNode): GraphQLError {
  const nodes = node ? { nodes: [node] } : {};
  return new GraphQLError(`${ERRORS.TOO_COSTLY.text} (${what})`, { ...nodes, extensions: { code: 'TOO_COSTLY' } });
}

function refused(errors: readonly GraphQLError[], code = 'TOO_COSTLY'): Admission {
  return { kind: 'refused', errors: errors.map((error) => coded(error, code)) };
}

function coded(error: GraphQLError, code: string): GraphQLError {
  if (error.extensions['code'] !== undefined) return error;
  return new GraphQLError(error.message, {
    ...(error.nodes ? { nodes: error.nodes } : {}),
    ...(error.source ? { source: error.source } : {}),
    ...(error.positions ? { positions: error.positions } : {}),
    extensions: { code },
  });
}

/** Refuses a document that does not hold the operation that a client means. */
export function named(admission: Admission, operationName: unknown): Admission {
  if (admission.kind === 'refused') return admission;
  const operations = admission.document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const wrong = (message: string): Admission =>
    refused([new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })]);
  if (operationName === undefined || operationName === null || operationName === '')
    return operations.length === 1
      ? admission
      : wrong('`operationName` must say which operation of the document is meant.');
  return operations.some(({ name }) => name?.value === operationName)
    ? admission
    : wrong('`operationName` names no operation of the document.');
}
