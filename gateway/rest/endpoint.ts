import { type GraphQLSchema, getNamedType, isInputObjectType, isObjectType } from 'graphql';
import type { CheckedOperation } from '../operations/check.ts';
import { type RestDirective, restOf } from '../operations/directives.ts';
import type { RegisteredOperation } from '../operations/registry.ts';
import { type Table, tableOf } from './columns.ts';
import { type Parameter, parametersOf, placeholders } from './parameter.ts';
import { isList, type Selected, selectedAt, selectionOf } from './selection.ts';
import { readText } from './values.ts';

/** An endpoint of /api/v1, made from a registered operation. */
export interface Endpoint {
  readonly rest: RestDirective;
  readonly parameters: readonly Parameter[];
  readonly selection: readonly Selected[];
  /** Where the body is in the answer's data. */
  readonly result: readonly string[];
  /** What the body is. */
  readonly body: Selected;
  readonly table: Table | undefined;
  /** The variable that takes the cursor of a page, where the body has pages. */
  readonly after: Parameter | undefined;
}

/** An endpoint that is served. */
export interface ServedEndpoint extends Endpoint {
  readonly operation: RegisteredOperation;
}

/** The name of the parameter that chooses between JSON and CSV. */
export const FORMAT = 'format';

const PATH = /^(?:\/(?:[a-z0-9][a-z0-9-]*|\{[A-Za-z][A-Za-z0-9]*\}))+$/;

/** The endpoint that an operation asks for, or what is wrong with its `@rest`; undefined for an operation without. */
export function endpointOf(
  schema: GraphQLSchema,
  { document, operation }: Pick<CheckedOperation, 'document' | 'operation'>,
): Endpoint | { readonly mistakes: readonly string[] } | undefined {
  const rest = restOf(schema, operation);
  if (!rest) return undefined;
  const selection = selectionOf(schema, document, operation);
  const parameters = parametersOf(schema, document, operation, rest);
  const [root] = selection;
  const result = rest.result?.split('.') ?? (root ? [root.name] : []);
  const body = selectedAt(selection, result);
  const rows = rest.rows?.split('.');
  const table = rows && tableOf(selection, rows);
  const mistakes = [
    ...pathMistakes(rest, parameters),
    ...(rest.result === undefined && selection.length !== 1
      ? ['@rest needs `result` where there is not exactly one root field.']
      : []),
    ...(body ? [] : [`@rest(result: "${rest.result}") is not selected.`]),
    ...(rows && !table ? [`@rest(rows: "${rest.rows}") is no list of objects that is selected.`] : []),
    ...variableMistakes(rest, parameters),
    ...(operation.operation === 'mutation' && rest.method === 'GET' ? ['A mutation is no GET.'] : []),
    ...(operation.operation === 'query' && rest.method !== 'GET' ? ['A query is a GET.'] : []),
    ...(rest.stream && !(table && rest.range) ? ['@rest(stream: true) needs `rows` and `range`.'] : []),
  ];
  if (!body || mistakes.length > 0) return { mistakes };
  return { rest, parameters, selection, result, body, table, after: afterOf(body, parameters) };
}

function pathMistakes({ path }: RestDirective, parameters: readonly Parameter[]): readonly string[] {
  if (!PATH.test(path)) return [`@rest(path: "${path}") must be like /devices/{id}.`];
  return placeholders(path).flatMap((name) => {
    const parameter = parameters.find((one) => one.name === name);
    if (!parameter) return [`@rest(path: "${path}") has {${name}}, and there is no such variable.`];
    return parameter.required ? [] : [`\`${name}\` stands in the path: its variable must be required.`];
  });
}

function variableMistakes(rest: RestDirective, parameters: readonly Parameter[]): readonly string[] {
  const named = [rest.range?.from, rest.range?.to, rest.range?.interval, ...(rest.either ?? []).flat()];
  const missing = named.filter((name) => name !== undefined && !parameters.some(({ variable }) => variable === name));
  const clumsy = parameters.filter(({ in: place, type }) => place !== 'body' && isInputObjectType(getNamedType(type)));
  return [
    ...missing.map((name) => `@rest names the variable "${name}", which there is not.`),
    ...parameters.flatMap((parameter) => exampleMistakes(parameter)),
    ...clumsy.map(({ name }) => `\`${name}\` is an input object, which an address cannot hold: use its fields.`),
    ...parameters
      .filter(({ name }) => name === FORMAT)
      .map(() => '`format` chooses between JSON and CSV: use another name.'),
  ];
}

/** The reference shows an example to be tried. */
function exampleMistakes(parameter: Parameter): readonly string[] {
  const { name, example, in: place } = parameter;
  if (example === undefined || place === 'body') return [];
  const reading = readText(parameter, example);
  return reading.kind === 'wrong' ? [`The example of \`${name}\` ${reading.must}.`] : [];
}

/** A connection that is selected with its page info, in an operation that takes a cursor. */
function afterOf(body: Selected, parameters: readonly Parameter[]): Parameter | undefined {
  const paged =
    selectedAt(body.fields, ['pageInfo', 'endCursor']) && selectedAt(body.fields, ['pageInfo', 'hasNextPage']);
  if (isList(body.type) || !isObjectType(getNamedType(body.type)) || !paged) return undefined;
  return parameters.find(({ variable }) => variable === 'after');
}

/** What is wrong with an operation's `@rest`, for the checks of registered operations. */
export function restRule(schema: GraphQLSchema, operation: CheckedOperation): readonly string[] {
  const endpoint = endpointOf(schema, operation);
  return endpoint && 'mistakes' in endpoint ? endpoint.mistakes : [];
}

/** Endpoints by path, in the order of the table. */
export interface Routing {
  readonly endpoints: readonly ServedEndpoint[];
  find(path: string): Found | undefined;
}

export interface Found {
  readonly endpoints: readonly ServedEndpoint[];
  /** Raw texts of the path's parameters. */
  readonly values: Readonly<Record<string, string>>;
}

/** Finds endpoints by their path; a fixed segment goes before one in braces. */
export function routing(endpoints: readonly ServedEndpoint[]): Routing {
  const byPath = new Map<string, ServedEndpoint[]>();
  for (const endpoint of endpoints) {
    const { path } = endpoint.rest;
    byPath.set(path, [...(byPath.get(path) ?? []), endpoint]);
  }
  const routes = [...byPath]
    .map(([path, served]) => ({ segments: path.split('/'), served }))
    .toSorted((a, b) => placeholders(a.segments.join('/')).length - placeholders(b.segments.join('/')).length);
  return {
    endpoints,
    find(path) {
      const segments = path.split('/');
      for (const route of routes) {
        const values = matched(route.segments, segments);
        if (values) return { endpoints: route.served, values };
      }
      return undefined;
    },
  };
}

function matched(route: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (route.length !== segments.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of route.entries()) {
    const given = segments[index] ?? '';
    if (!part.startsWith('{')) {
      if (part !== given) return undefined;
    } else if (given === '') return undefined;
    else values[part.slice(1, -1)] = given;
  }
  return values;
}
