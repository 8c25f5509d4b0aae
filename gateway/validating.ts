import { type DocumentNode, GraphQLError, type GraphQLSchema, type ValidationRule, validate } from 'graphql';

/**
 * Mistakes in a document, so many at most. What graphql-js throws is one as well: it does so where the one field of a subscription depends on a variable,
 * which nobody can know when the document is validated.
 */
export function mistakesIn(
  schema: GraphQLSchema,
  document: DocumentNode,
  { rules, mistakesMax }: { readonly rules: readonly ValidationRule[]; readonly mistakesMax: number },
): readonly GraphQLError[] {
  try {
    return validate(schema, document, rules, { maxErrors: mistakesMax });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    const message =
      'The field of a subscription must not depend on a variable: it can be neither skipped nor included by one.';
    return [new GraphQLError(message, error.nodes ? { nodes: error.nodes } : {})];
  }
}
