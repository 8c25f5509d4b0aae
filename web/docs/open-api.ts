/** The part of an OpenAPI 3.0 document that the reference shows. */
export interface OpenApi {
  readonly info: { readonly title: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly deprecated?: boolean;
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
  readonly 'x-graphql': { readonly id: string; readonly text: string };
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Schema;
  readonly example?: string | number | readonly (string | number)[];
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
}

/** An operation with its place. */
export interface Endpoint extends Operation {
  readonly method: string;
  readonly path: string;
}

/** Endpoints by their tag, in the order of the document. */
export function endpointsByTag(
  document: OpenApi,
): readonly { readonly tag: string; readonly endpoints: readonly Endpoint[] }[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
  return document.tags.map(({ name: tag }) => ({ tag, endpoints: all.filter(({ tags }) => tags.includes(tag)) }));
}

/** A schema with its references followed: what stands beside a reference is kept. */
export function resolved(schema: Schema, document: OpenApi): Schema {
  const target = schema.$ref?.split('/').at(-1) ?? '';
  const referred = schema.$ref === undefined ? {} : resolved(document.components.schemas[target] ?? {}, document);
  const parts = (schema.allOf ?? []).map((part) => resolved(part, document));
  const { $ref: _, allOf: __, ...own } = schema;
  return Object.assign({}, referred, ...parts, own);
}

/** A type in words: `text`, `number, 1 to 200`, `list of ...`. */
export function typeText(schema: Schema, document: OpenApi): string {
  const { type, format, enum: values, items, minimum, maximum } = resolved(schema, document);
  if (values) return 'one of a list';
  if (type === 'array' && items) return `list, with commas, of ${typeText(items, document)}`;
  const bounds = minimum === undefined && maximum === undefined ? '' : `, ${minimum ?? ''} to ${maximum ?? ''}`;
  if (format === 'date-time') return 'time, RFC 3339';
  if (format === 'duration') return 'length of time, ISO 8601';
  if (type === 'integer') return `whole number${bounds}`;
  return type === 'string' ? 'text' : `${type}${bounds}`;
}

const SAMPLES: Readonly<Record<string, unknown>> = {
  'date-time': '2026-11-23T10:00:00.000Z',
  duration: 'PT1H',
};
const DEPTH_MAX = 8;

/** An answer as the schema describes it, made up. */
export function sampleOf(schema: Schema, document: OpenApi, depth = 0): unknown {
  const { type, format, enum: values, items, properties } = resolved(schema, document);
  if (depth > DEPTH_MAX) return null;
  if (values) return values[0];
  if (type === 'array') return items ? [sampleOf(items, document, depth + 1)] : [];
  if (properties)
    return Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, sampleOf(property, document, depth + 1)]),
    );
  if (type === 'boolean') return true;
  if (type === 'integer') return 1;
  if (type === 'number') return 12.4;
  return SAMPLES[format ?? ''] ?? 'text';
}
