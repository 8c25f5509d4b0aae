import { ERRORS } from '@greencity/platform/errors';
import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  validate,
} from 'graphql';
import type { OperationLimits } from './settings.ts';

/** The size of an operation, its fragments counted as often as they are used. */
interface Extent {
  depth: number;
  aliases: number;
}

type Fragments = ValidationContext;

function tooCostly(what: string, node: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(`${ERRORS.TOO_COSTLY.text} (${what})`, { nodes: [node], extensions: { code: 'TOO_COSTLY' } });
}

/** Measures fragments once, whatever they contain, so that nesting them costs nothing. Cycles are another rule's business. */
function measurer(fragments: Fragments) {
  const known = new Map<string, Extent>();
  const ofSelections = (set: SelectionSetNode | undefined): Extent => {
    const extent = { depth: 0, aliases: 0 };
    for (const selection of set?.selections ?? []) {
      const inner =
        selection.kind === Kind.FIELD
          ? ofField(selection)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? ofSelections(selection.selectionSet)
            : ofFragment(selection.name.value);
      extent.depth = Math.max(extent.depth, inner.depth);
      extent.aliases += inner.aliases;
    }
    return extent;
  };
  const ofField = (field: FieldNode): Extent => {
    if (field.name.value === '__schema' || field.name.value === '__type') return { depth: 1, aliases: 0 };
    const inner = ofSelections(field.selectionSet);
    return { depth: inner.depth + 1, aliases: inner.aliases + (field.alias ? 1 : 0) };
  };
  const ofFragment = (name: string): Extent => {
    const measured = known.get(name);
    if (measured) return measured;
    known.set(name, { depth: 0, aliases: 0 });
    const extent = ofSelections(fragments.getFragment(name)?.selectionSet);
    known.set(name, extent);
    return extent;
  };
  return ofSelections;
}

/** Validation rules that hold the limits on an operation's size. */
export function limitRules(limits: OperationLimits): readonly ValidationRule[] {
  const rule = (context: ValidationContext): ASTVisitor => {
    const extentOf = measurer(context);
    return {
      OperationDefinition(operation) {
        const { depth, aliases } = extentOf(operation.selectionSet);
        if (depth > limits.depthMax)
          context.reportError(tooCostly(`${depth} levels deep, the limit is ${limits.depthMax}`, operation));
        if (aliases > limits.aliasesMax)
          context.reportError(tooCostly(`${aliases} aliases, the limit is ${limits.aliasesMax}`, operation));
        const roots = operation.selectionSet.selections.length;
        if (roots > limits.rootFieldsMax)
          context.reportError(tooCostly(`${roots} root fields, the limit is ${limits.rootFieldsMax}`, operation));
      },
    };
  };
  return [rule];
}

/** A document that may be executed, or why not. */
export type Admission =
  | { readonly kind: 'admitted'; readonly document: DocumentNode }
  | { readonly kind: 'refused'; readonly errors: readonly GraphQLError[] };

/** Parses and validates a document within the limits: the same for every way in. */
export function admit(schema: GraphQLSchema, source: string, limits: OperationLimits): Admission {
  let document: DocumentNode;
  try {
    document = parse(source, { maxTokens: limits.tokensMax });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { kind: 'refused', errors: [coded(error, 'GRAPHQL_PARSE_FAILED')] };
  }
  const errors = validate(schema, document, [...specifiedRules, ...limitRules(limits)], {
    maxErrors: limits.mistakesMax,
  });
  if (errors.length === 0) return { kind: 'admitted', document };
  return { kind: 'refused', errors: errors.map((error) => coded(error, 'GRAPHQL_VALIDATION_FAILED')) };
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
