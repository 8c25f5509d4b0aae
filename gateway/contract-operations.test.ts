import { readFileSync } from 'node:fs';
import { getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { admit } from './limits.ts';
import { apiSchemaOf } from './planning/api-schema.ts';
import { apolloPlanner } from './planning/apollo-planner.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

const SUPERGRAPH = readFileSync(new URL('../schema/supergraph.graphql', import.meta.url), 'utf8');
const schema = apiSchemaOf(SUPERGRAPH);
const planner = apolloPlanner(SUPERGRAPH, schema);
const files = ['queries', 'mutations', 'subscriptions'].map((file) => ({
  file,
  source: readFileSync(new URL(`../schema/golden/contract/${file}.graphql`, import.meta.url), 'utf8'),
}));
const operations = files.flatMap(({ source }) =>
  parse(source).definitions.map((definition) => {
    if (definition.kind !== 'OperationDefinition') throw new Error('the contract holds operations only');
    return { name: definition.name?.value ?? '', text: source.slice(definition.loc?.start, definition.loc?.end) };
  }),
);

describe('the operations promised to clients', () => {
  it.each(operations)('$name is within the limits, valid and can be planned', ({ name, text }) => {
    const admission = admit(schema, text, DEFAULT_SETTINGS.limits);
    expect(admission.kind === 'refused' ? admission.errors : []).toEqual([]);
    expect(planner.plan(parse(text), name).node).toBeDefined();
  });

  it.each(files)('$file pass when their whole file is sent as one document', ({ source }) => {
    expect(admit(schema, source, DEFAULT_SETTINGS.limits).kind).toBe('admitted');
  });
});

describe("GraphiQL's introspection", () => {
  it('is within the limits', () => {
    const query = getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, schemaDescription: true });
    expect(admit(schema, query, DEFAULT_SETTINGS.limits).kind).toBe('admitted');
  });
});
