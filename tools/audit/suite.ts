import { isDeepStrictEqual } from 'node:util';
import { dataText } from '@greencity/gateway/answer';
import { type Engine, openEngine } from '@greencity/gateway/engine';
import type { Deadlines } from '@greencity/gateway/executor/deadline';
import { operationCompiler } from '@greencity/gateway/executor/operation';
import { apiSchemaOf } from '@greencity/gateway/planning/api-schema';
import { apolloPlanner } from '@greencity/gateway/planning/apollo-planner';
import type { Logger } from '@greencity/platform/log/port';
import { type GraphQLSchema, Kind, parse, validate, visit } from 'graphql';
import { httpSubgraphs } from './http-subgraphs.ts';

/** One operation of the audit and what it must give. */
export interface AuditTest {
  readonly query: string;
  /** `errors` missing means that errors do not matter. */
  readonly expected: { readonly data?: unknown; readonly errors?: boolean };
}

/** What an operation gave, as far as the audit compares it. */
export interface Received {
  readonly data: unknown;
  /** Messages of the errors. */
  readonly errors: readonly string[];
}

export interface Failure {
  /** As the audit counts: the suite's name and the index of the test. */
  readonly name: string;
  readonly test: AuditTest;
  readonly received: Received;
}

export interface SuiteOptions {
  readonly supergraphSdl: string;
  readonly tests: readonly AuditTest[];
  readonly deadlines: Deadlines;
  readonly log: Logger;
}

/** Sends the operations of one suite through planner and executor of the gateway; gives those whose answer is another. */
export async function failuresOf(name: string, options: SuiteOptions): Promise<readonly Failure[]> {
  const schema = apiSchemaOf(options.supergraphSdl);
  const subgraphs = httpSubgraphs(subgraphUrls(options.supergraphSdl));
  const compiler = operationCompiler(apolloPlanner(options.supergraphSdl, schema), subgraphs);
  const engine = openEngine({ compiler, subgraphs, deadlines: options.deadlines, log: options.log, plansMax: 100 });
  const failures: Failure[] = [];
  for (const [index, test] of options.tests.entries()) {
    const received = await ask(engine, schema, test.query);
    if (!fulfils(received, test.expected)) failures.push({ name: `${name}_${index}`, test, received });
  }
  return failures;
}

async function ask(engine: Engine, schema: GraphQLSchema, source: string): Promise<Received> {
  const document = parse(source);
  const mistakes = validate(schema, document);
  if (mistakes.length > 0) return { data: null, errors: mistakes.map(({ message }) => message) };
  const answer = await engine.execute({
    source,
    document,
    operationName: undefined,
    variables: undefined,
    viewer: { kind: 'anonymous' },
    requestId: 'audit',
  });
  return { data: JSON.parse(dataText(answer) ?? 'null'), errors: answer.errors.map(({ message }) => message) };
}

/** The audit's own comparison: equal data, and errors where it wants some or none. */
function fulfils(received: Received, expected: AuditTest['expected']): boolean {
  if (!isDeepStrictEqual(received.data, expected.data ?? null)) return false;
  return typeof expected.errors !== 'boolean' || received.errors.length > 0 === expected.errors;
}

/** Where each subgraph of a supergraph is, by the name that plans use. */
function subgraphUrls(supergraphSdl: string): ReadonlyMap<string, string> {
  const urls = new Map<string, string>();
  visit(parse(supergraphSdl, { noLocation: true }), {
    EnumValueDefinition({ directives = [] }) {
      const graph = directives.find(({ name }) => name.value === 'join__graph');
      const texts = new Map<string, string>();
      for (const { name, value } of graph?.arguments ?? []) {
        if (value.kind === Kind.STRING) texts.set(name.value, value.value);
      }
      const [name, url] = [texts.get('name'), texts.get('url')];
      if (name !== undefined && url !== undefined) urls.set(name, url);
    },
  });
  return urls;
}
