import type { Viewer } from '@greencity/platform/graphql/port';
import type { GraphQLError } from 'graphql';
import type { AnswerRecord } from '../cache/record.ts';
import type { BudgetState } from '../cost/budgets.ts';
import type { Graph } from '../graph.ts';
import type { Given, Settled } from './asked.ts';
import type { ServedEndpoint } from './endpoint.ts';

export const CSV_TYPE = 'text/csv';

/** One call of an endpoint, its parameters read. */
export interface Call extends Settled {
  readonly endpoint: ServedEndpoint;
  readonly given: Given;
  /** The query string as it was given. */
  readonly search: string;
  readonly viewer: Viewer;
  readonly type: string;
  readonly path: string;
  readonly onBudget: (state: BudgetState) => void;
}

/** Executes the endpoint's operation. */
export async function ask(
  { documents, engine }: Graph,
  { endpoint: { operation }, viewer, onBudget }: Call,
  {
    variables,
    record,
  }: { readonly variables: Readonly<Record<string, unknown>>; readonly record?: AnswerRecord | undefined },
): Promise<{ readonly data: unknown; readonly errors: readonly GraphQLError[] }> {
  const { source } = operation;
  const admission = documents.admit(source);
  if (admission.kind === 'refused') return { data: undefined, errors: admission.errors };
  const { document } = admission;
  const { data, errors } = await engine.execute({
    ...{ source, document, operationName: undefined, variables, viewer, onBudget },
    requestId: crypto.randomUUID(),
    record,
  });
  return { data: data === undefined ? undefined : JSON.parse(data), errors };
}
