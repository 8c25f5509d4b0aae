import { NOTHING, type StreamEvent, type Subgraph } from '@greencity/platform/graphql/port';
import { prepareDocument } from '@greencity/platform/graphql/prepared-document';
import { parse } from 'graphql';
import type { FetchOperation, PreparedFetch, SubgraphExecutor, SubgraphResult } from './port.ts';

/** Executes fetches directly on the subgraphs' schemas: no text, no JSON, no second validation. */
export function inProcessExecutor(subgraphs: readonly Subgraph[]): SubgraphExecutor {
  const byName = new Map(subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  const named = (name: string): Subgraph => {
    const subgraph = byName.get(name);
    if (!subgraph) throw new Error(`the supergraph names the subgraph ${name}, which is not among those given`);
    return subgraph;
  };
  return {
    prepare: (operation) => prepare(named(operation.subgraph), operation),
    context: (name, viewer) => named(name).context(viewer),
  };
}

function prepare({ schema, resumable }: Subgraph, operation: FetchOperation): PreparedFetch {
  const prepared = prepareDocument(schema, parse(operation.text, { noLocation: true }));
  const run = prepared.run as (...given: Parameters<typeof prepared.run>) => SubgraphResult | Promise<SubgraphResult>;
  return {
    execute: (variables, context) => run(undefined, context, variables),
    executeEvent: (event, variables, context) => run(event, context, variables),
    subscribe: (variables, context) => prepared.subscribe(context, variables),
    ...(resumable
      ? {
          past: (part, variables, context) => prepared.subscribe({ ...context, part }, variables),
          cursorOf: (event) => (event as StreamEvent<unknown>).cursor,
          identityOf: (event) => (event as StreamEvent<unknown>).value,
          isNothing: (event) => (event as StreamEvent<unknown>).value === NOTHING,
        }
      : { cursorOf: () => undefined, identityOf: (event) => event, isNothing: () => false }),
  };
}
