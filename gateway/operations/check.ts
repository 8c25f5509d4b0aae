import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
} from 'graphql';
import { admit } from '../limits.ts';
import type { OperationLimits } from '../settings.ts';
import { mistakesIn } from '../validating.ts';
import { executableText, registrationSchema } from './directives.ts';
import { operationId } from './release.ts';

/** An operation that may be registered. */
export interface CheckedOperation {
  readonly id: string;
  readonly name: string;
  /** As registered. */
  readonly text: string;
  /** As executed: without our directives. */
  readonly source: string;
  /** As registered. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

export type Check =
  | { readonly kind: 'good'; readonly operation: CheckedOperation }
  | { readonly kind: 'bad'; readonly name: string | undefined; readonly mistakes: readonly string[] };

/** A demand on operations beyond the schema and the limits: gives what is wrong, in sentences. */
export type OperationRule = (schema: GraphQLSchema, operation: CheckedOperation) => readonly string[];

export interface OperationChecker {
  /** The public schema with the directives of registered operations. */
  readonly schema: GraphQLSchema;
  check(text: string): Check;
}

/** Checks operations against the schema, the limits on what a call may ask for, and further rules. */
export function operationChecker(
  publicSchema: GraphQLSchema,
  limits: OperationLimits,
  rules: readonly OperationRule[] = [],
): OperationChecker {
  const schema = registrationSchema(publicSchema);
  return {
    schema,
    check(given) {
      const text = given.trim();
      let document: DocumentNode;
      try {
        document = parse(text, { maxTokens: limits.tokensMax });
      } catch (error) {
        if (!(error instanceof GraphQLError)) throw error;
        return { kind: 'bad', name: undefined, mistakes: [sentence(error)] };
      }
      const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
      const [operation] = operations;
      const name = operation?.name?.value;
      if (operation === undefined || operations.length > 1 || name === undefined)
        return { kind: 'bad', name, mistakes: ['A registered document holds exactly one operation, with a name.'] };
      const bad = (mistakes: readonly string[]): Check => ({ kind: 'bad', name, mistakes });
      const invalid = mistakesIn(schema, document, { rules: specifiedRules, mistakesMax: limits.mistakesMax });
      if (invalid.length > 0) return bad(invalid.map(sentence));
      const source = executableText(document, text);
      const admission = admit(publicSchema, source, limits);
      if (admission.kind === 'refused') return bad(admission.errors.map(sentence));
      const checked = { id: operationId(text), name, text, source, document, operation };
      const mistakes = rules.flatMap((rule) => rule(schema, checked));
      return mistakes.length > 0 ? bad(mistakes) : { kind: 'good', operation: checked };
    },
  };
}

function sentence({ message, locations }: GraphQLError): string {
  const [at] = locations ?? [];
  return at ? `${message} (line ${at.line}, column ${at.column})` : message;
}
