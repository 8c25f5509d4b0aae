import { AppError } from '@greencity/platform/errors';
import type { Viewer } from '@greencity/platform/graphql/port';
import type { GraphQLError } from 'graphql';
import { dataText } from '../answer.ts';
import type { AnswerRecord } from '../cache/record.ts';
import type { BudgetState } from '../cost/budgets.ts';
import { NO_TURN_LEFT } from '../cost/charged-engine.ts';
import { refusal } from '../errors.ts';
import type { Graph } from '../graph.ts';
import type { Given, Settled } from './asked.ts';
import type { ServedEndpoint } from './endpoint.ts';
import type { RangeLanes } from './range-lanes.ts';

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
  /** Where ranges wait for each other. */
  readonly ranges: RangeLanes;
  /** Aborted when nobody waits for the answer any more: what has not begun is not begun then. */
  readonly gone?: AbortSignal;
}

/** Executes the endpoint's operation. */
export async function ask(
  { documents, engine }: Graph,
  { endpoint: { operation, rest }, viewer, onBudget, ranges, gone }: Call,
  {
    variables,
    record,
  }: { readonly variables: Readonly<Record<string, unknown>>; readonly record?: AnswerRecord | undefined },
): Promise<{ readonly data: unknown; readonly errors: readonly GraphQLError[] }> {
  const { source } = operation;
  const admission = documents.admit(source);
  if (admission.kind === 'refused') return { data: undefined, errors: admission.errors };
  const { document } = admission;
  const execute = async () => {
    gone?.throwIfAborted();
    const answer = await engine.execute({
      ...{ source, document, operationName: undefined, variables, viewer, onBudget },
      requestId: crypto.randomUUID(),
      record,
    });
    const data = dataText(answer);
    return { data: data === undefined ? undefined : JSON.parse(data), errors: answer.errors };
  };
  try {
    return await (rest.range ? ranges.read(viewer.from, execute) : execute());
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    onBudget(NO_TURN_LEFT);
    return { data: undefined, errors: [refusal(error)] };
  }
}
