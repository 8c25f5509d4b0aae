import {
  type DirectiveNode,
  type DocumentNode,
  extendSchema,
  type GraphQLSchema,
  getDirectiveValues,
  type OperationDefinitionNode,
  parse,
  print,
  type VariableDefinitionNode,
  visit,
} from 'graphql';

/** What a registered operation may say about itself. The public schema does not know these directives: they are taken off before the operation runs. */
const DIRECTIVES = `
enum RestMethod { GET POST PUT PATCH DELETE }

"A time range given by two variables of type DateTime!, which may both be left out in REST."
input RestRange {
  from: String!
  to: String!
  "Length of the range that ends now, where nothing is given."
  span: String! = "P1D"
  "The variable that holds the length of a bucket: a longer range is answered in parts, each with a link to the next."
  interval: String
}

"Offers the operation as an endpoint of /api/v1."
directive @rest(
  method: RestMethod! = GET
  "As in /devices/{id}: each name in braces is a parameter."
  path: String!
  summary: String!
  description: String
  tag: String! = "City"
  "Where the body is in the answer, as device.series. The only root field when left out."
  result: String
  "The list that CSV is made of, from the root, through other lists: devices.nodes.series.points."
  rows: String
  range: RestRange
  "Pairs of variables that may come in either order: the smaller value goes to the first."
  either: [[String!]!]
  "Gives CSV only, and of any length: the range is read in windows, pages one after the other."
  stream: Boolean! = false
) on QUERY | MUTATION

"How a variable is given in REST, beyond what its type says."
directive @param(
  name: String
  description: String
  minimum: Float
  maximum: Float
  pattern: String
  maxLength: Int
  "A moment that must not be later than now."
  past: Boolean
  example: String
) on VARIABLE_DEFINITION

"How long an answer that everyone may see can be kept by clients, in seconds."
directive @cache(maxAge: Int!) on QUERY
`;

const OURS: ReadonlySet<string> = new Set(['rest', 'param', 'cache']);

/** The public schema with the directives of registered operations: what these are validated against. */
export function registrationSchema(schema: GraphQLSchema): GraphQLSchema {
  return extendSchema(schema, parse(DIRECTIVES));
}

/** The text that is executed: the registered one without our directives. */
export function executableText(document: DocumentNode, text: string): string {
  let taken = false;
  const plain = visit(document, {
    Directive(node) {
      if (!OURS.has(node.name.value)) return undefined;
      taken = true;
      return null;
    },
  });
  return taken ? print(plain) : text;
}

export interface RestRange {
  readonly from: string;
  readonly to: string;
  readonly span: string;
  readonly interval?: string;
}

export interface RestDirective {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly result?: string;
  readonly rows?: string;
  readonly range?: RestRange;
  readonly either?: readonly (readonly string[])[];
  readonly stream: boolean;
}

export interface ParamDirective {
  readonly name?: string;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly past?: boolean;
  readonly example?: string;
}

/** Values of our directives on a node of a document that is valid against `registrationSchema`. */
function valuesOf<T>(
  schema: GraphQLSchema,
  name: string,
  node: { readonly directives?: readonly DirectiveNode[] },
): T | undefined {
  const directive = schema.getDirective(name);
  if (!directive) throw new Error(`the schema has no @${name}`);
  return getDirectiveValues(directive, node) as T | undefined;
}

export function restOf(schema: GraphQLSchema, operation: OperationDefinitionNode): RestDirective | undefined {
  return valuesOf<RestDirective>(schema, 'rest', operation);
}

export function paramOf(schema: GraphQLSchema, variable: VariableDefinitionNode): ParamDirective {
  return valuesOf<ParamDirective>(schema, 'param', variable) ?? {};
}

/** Seconds that clients may keep a public answer; undefined when the operation does not say. */
export function maxAgeOf(schema: GraphQLSchema, operation: OperationDefinitionNode): number | undefined {
  return valuesOf<{ readonly maxAge: number }>(schema, 'cache', operation)?.maxAge;
}
