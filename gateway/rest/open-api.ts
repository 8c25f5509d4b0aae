import { getNamedType, isListType, isNonNullType } from 'graphql';
import type { RestDirective } from '../operations/directives.ts';
import { FORMAT, type ServedEndpoint } from './endpoint.ts';
import { bodySchema, described, inputSchema, type Named, parameterSchema, type Schema } from './open-api-types.ts';
import type { Parameter } from './parameter.ts';

const PROBLEM: Schema = {
  type: 'object',
  description: 'What went wrong (RFC 9457).',
  required: ['type', 'status', 'title'],
  properties: {
    type: { type: 'string' },
    status: { type: 'integer', description: 'The HTTP status.' },
    title: { type: 'string', description: 'What went wrong, the same for all of its kind.' },
    detail: { type: 'string', description: 'What went wrong this time, in a sentence.' },
    code: { type: 'string', description: 'A code that programs can tell apart.' },
    field: { type: 'string', description: 'The parameter or field at fault.' },
    requestId: { type: 'string', description: 'Tell us this when something stays wrong on our side.' },
  },
};

const LINKS: Schema = {
  type: 'object',
  description: 'Addresses of this answer, of the first page and of the next one, where there is one.',
  required: ['self'],
  properties: { self: { type: 'string' }, first: { type: 'string' }, next: { type: 'string' } },
};

const INTRODUCTION = `The air of a city over plain HTTP. Each endpoint is a registered operation of the graph, which offers more: see [/graphiql](/graphiql).

**Signing in.** Public data need nothing. Send a token as \`Authorization: Bearer …\`, or an API key as \`X-API-Key\`, for what is not public and for a larger quota.

**Forms.** JSON, and CSV where the answer is a list: \`Accept: text/csv\` or \`?format=csv\`.

**Time.** RFC 3339; answers are in UTC. A range may be given in either order, includes its beginning and excludes its end.

**Caching.** Answers carry \`ETag\` and \`Cache-Control\`: send \`If-None-Match\` and get 304 while nothing has changed.

**Pages.** \`links.next\` in the body, and the \`Link\` header, are the address of the next page or part. There is none on the last.

**A part that does not answer** leaves its fields null, and the header \`Incomplete\` names them.`;

/** Why a request was refused, by status. */
const REFUSALS: Readonly<Record<string, string>> = {
  400: 'A parameter is unknown, missing, given twice or wrong; `field` names it.',
  401: 'The token or key is not valid, or one is needed.',
  403: 'Your rights do not allow this.',
  404: 'There is no such thing.',
  406: 'Not in a form that you accept.',
  429: 'Too many calls; `Retry-After` says when to come again.',
  503: 'A part that this needs does not answer; try again.',
};
const BODY_REFUSALS: Readonly<Record<string, string>> = {
  409: 'Something else has this name, or changed this first.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
};

/** Headers of a refusal, by status. */
const REFUSAL_HEADERS: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  401: { 'WWW-Authenticate': header('How to sign in: `Bearer`.') },
  429: { 'Retry-After': header('Seconds to wait.') },
  503: { 'Retry-After': header('Seconds to wait.') },
};

/** What our own tags stand for; those of other apps speak for themselves. */
const TAGS: Readonly<Record<string, string>> = {
  'Air quality': 'Indices of a standard, at devices and in zones.',
  Alerts: 'Limits that were passed, and who has taken them in hand.',
  Devices: 'Nodes with their sensors, and where they are.',
  Export: 'All values of a range of any length, as CSV.',
  Forecasts: 'What is to be expected, in time and between the devices.',
  Measurements: 'What was measured: the newest values, and their history.',
  Zones: 'Parts of the city, with the air in them.',
};

/** The OpenAPI 3.0 document of endpoints: parameters and answers are typed by the graph's schema. */
export function openApiDocument(endpoints: readonly ServedEndpoint[]): Schema {
  const named: Named = { schemas: { Problem: PROBLEM, Links: LINKS } };
  const paths: Record<string, Record<string, Schema>> = {};
  for (const endpoint of endpoints) {
    const { path, method } = endpoint.rest;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(endpoint, named) };
  }
  const tags = [...new Set(endpoints.map(({ rest }) => rest.tag))];
  return {
    openapi: '3.0.3',
    info: {
      title: 'GreenCity REST',
      version: '1',
      description: INTRODUCTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/api/v1' }],
    tags: tags.map((name) => described({ name }, TAGS[name])),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(named.schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
}

function operationObject(endpoint: ServedEndpoint, named: Named): Schema {
  const { rest, parameters, operation } = endpoint;
  const inBody = parameters.filter((parameter) => parameter.in === 'body');
  const description = rest.description ?? saidBySchema(endpoint);
  const refusals = inBody.length > 0 ? { ...REFUSALS, ...BODY_REFUSALS } : REFUSALS;
  return {
    operationId: operation.name,
    summary: rest.summary,
    ...(description ? { description } : {}),
    tags: [rest.tag],
    ...(operation.state === 'deprecated' ? { deprecated: true } : {}),
    security: rest.method === 'GET' ? [{}, { bearer: [] }, { apiKey: [] }] : [{ bearer: [] }, { apiKey: [] }],
    parameters: [
      ...parameters
        .filter((parameter) => parameter.in !== 'body')
        .map((parameter) => parameterObject(parameter, rest, named)),
      ...(endpoint.table ? [formatParameter(endpoint)] : []),
    ],
    ...(inBody.length > 0 ? { requestBody: requestBody(inBody, named) } : {}),
    responses: {
      200: success(endpoint, named),
      ...(rest.method === 'GET' && !rest.stream
        ? { 304: { description: 'Unchanged since the `ETag` in `If-None-Match`.' } }
        : {}),
      ...Object.fromEntries(
        Object.entries(refusals).map(([status, why]) => [status, problem(why, REFUSAL_HEADERS[status])]),
      ),
      default: problem('Something else went wrong.'),
    },
    'x-graphql': { id: operation.id, text: operation.text },
  };
}

/** What the schema says of the root field; of one that may be null, which is 404 here, what it says of its type. */
function saidBySchema({ selection, result }: ServedEndpoint): string | undefined {
  const root = selection.find(({ name }) => name === result[0]);
  if (!root || isNonNullType(root.type)) return root?.description;
  return getNamedType(root.type).description ?? undefined;
}

function parameterObject(parameter: Parameter, { range }: RestDirective, named: Named): Schema {
  const { name, required, description, example, variable } = parameter;
  const schema = parameterSchema(parameter, named);
  const list = 'items' in schema;
  const said =
    description ??
    (variable === range?.from
      ? `Beginning of the range. When left out: ${range.span} before its end.`
      : variable === range?.to
        ? 'End of the range, not included. When left out: now.'
        : undefined);
  return {
    name,
    in: parameter.in,
    required,
    ...(said ? { description: said } : {}),
    ...(list ? { style: 'form', explode: false } : {}),
    schema,
    ...(example === undefined ? {} : { example: exampleOf(parameter, example) }),
  };
}

/** An example in the type of its parameter. */
function exampleOf({ type }: Parameter, example: string): unknown {
  const { name } = getNamedType(type);
  const one = name === 'Int' || name === 'Float' ? Number(example) : example;
  return isListType(isNonNullType(type) ? type.ofType : type) ? [one] : one;
}

function formatParameter({ rest }: ServedEndpoint): Schema {
  const formats = rest.stream ? ['csv'] : ['json', 'csv'];
  return {
    name: FORMAT,
    in: 'query',
    required: false,
    description: 'The form of the answer, where `Accept` cannot be set.',
    schema: { type: 'string', enum: formats },
  };
}

function requestBody(fields: readonly Parameter[], named: Named): Schema {
  const required = fields.filter((field) => field.required).map(({ name }) => name);
  return {
    required: true,
    content: {
      'application/json': {
        schema: {
          type: 'object',
          ...(required.length > 0 ? { required } : {}),
          properties: Object.fromEntries(
            fields.map(({ name, type, description, bounds }) => [
              name,
              described({ ...inputSchema(type, named), ...bounds }, description),
            ]),
          ),
          additionalProperties: false,
        },
      },
    },
  };
}

function success({ rest, body, table, after }: ServedEndpoint, named: Named): Schema {
  const links = after !== undefined || rest.range?.interval !== undefined;
  const csv = { 'text/csv': { schema: { type: 'string', description: `Columns: ${columnsOf(table)}.` } } };
  const plain = bodySchema(body, named);
  const json = links
    ? { ...plain, properties: { ...propertiesOf(plain), links: { $ref: '#/components/schemas/Links' } } }
    : plain;
  return {
    description: rest.summary,
    headers: {
      ETag: header('Changes when the answer does.'),
      'Cache-Control': header('Who may keep the answer, and how long.'),
      ...(links ? { Link: header('The first and the next page or part (RFC 8288).') } : {}),
      Incomplete: header('Fields that are null because a part does not answer.'),
      Deprecation: header('Since when this endpoint is on its way out (RFC 9745).'),
      Sunset: header('When it will be gone (RFC 8594).'),
    },
    content: {
      ...(rest.stream ? {} : { 'application/json': { schema: json } }),
      ...(table ? csv : {}),
    },
  };
}

function propertiesOf(schema: Schema): Readonly<Record<string, unknown>> {
  return (schema['properties'] ?? {}) as Readonly<Record<string, unknown>>;
}

function columnsOf(table: ServedEndpoint['table']): string {
  return table?.columns.map(({ name }) => name).join(', ') ?? '';
}

function header(description: string): Schema {
  return { description, schema: { type: 'string' } };
}

function problem(description: string, headers?: Readonly<Record<string, Schema>>): Schema {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return { description, ...(headers ? { headers } : {}), content };
}
