import { AppError } from '@greencity/platform/errors';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { OperationRequest } from '../engine.ts';
import { operationOf } from '../executor/operation-of.ts';
import type { OperationRule } from '../operations/check.ts';
import type { Variables } from '../subgraph/port.ts';
import type { BudgetState, Budgets, Soon } from './budgets.ts';
import { declaredCostsOf } from './declared-costs.ts';
import { compileEstimate, type Estimate } from './estimate.ts';

/** Takes the cost of an operation from its viewer's budget before it is executed, and gives it. Variables are coerced. @throws AppError TOO_COSTLY, RATE_LIMITED */
export type Charge = (request: Omit<OperationRequest, 'variables'>, variables: Variables) => Soon<number>;

export interface ChargingDependencies {
  readonly apiSchema: GraphQLSchema;
  readonly supergraphSdl: string;
  /** What one operation may cost. */
  readonly costMax: number;
  readonly budgets: Budgets;
  readonly metrics: Metrics;
}

/** Estimates of a schema's operations, compiled once for each document. */
export function estimates(apiSchema: GraphQLSchema, supergraphSdl: string) {
  const costs = declaredCostsOf(supergraphSdl);
  const known = new WeakMap<DocumentNode, Map<string | undefined, Estimate>>();
  return (document: DocumentNode, operationName: string | undefined): Estimate => {
    const found = known.get(document)?.get(operationName);
    if (found) return found;
    const estimate = compileEstimate(apiSchema, costs, document, operationOf(document, operationName));
    known.set(document, new Map(known.get(document)).set(operationName, estimate));
    return estimate;
  };
}

export function charging({ apiSchema, supergraphSdl, costMax, budgets, metrics }: ChargingDependencies): Charge {
  const estimateOf = estimates(apiSchema, supergraphSdl);
  const refused = {
    tooCostly: metrics.counter('gateway_too_costly_total', 'Operations refused because one call would cost too much.'),
    rateLimited: metrics.counter('gateway_rate_limited_total', 'Operations refused because a budget was spent.'),
  };
  const settled = ({ onBudget }: Pick<OperationRequest, 'onBudget'>, cost: number, state?: BudgetState): number => {
    if (!state) return cost;
    onBudget?.(state);
    if (state.allowed) return cost;
    refused.rateLimited.add();
    throw new AppError(
      'RATE_LIMITED',
      `this costs ${cost} points and ${state.remaining} of ${state.limit} a minute are left: try again in ${state.retryAfterS} s`,
    );
  };
  return (request, variables) => {
    const { document, operationName, viewer } = request;
    // Whatever it asks for, an operation has to be read and answered.
    const cost = Math.max(1, estimateOf(document, operationName)(variables));
    if (!(cost <= costMax)) {
      refused.tooCostly.add();
      throw new AppError(
        'TOO_COSTLY',
        `it would cost ${cost} points, the limit is ${costMax}: ask for fewer or shorter lists`,
      );
    }
    const spent = budgets.spend(viewer, cost);
    return spent instanceof Promise
      ? spent.then((state) => settled(request, cost, state))
      : settled(request, cost, spent);
  };
}

/** Refuses to register an operation that costs too much whatever its variables say: with each list as long as is assumed of it. */
export function costRule(apiSchema: GraphQLSchema, supergraphSdl: string, costMax: number): OperationRule {
  const costs = declaredCostsOf(supergraphSdl);
  return (_, { document, operation }) => {
    const cost = compileEstimate(apiSchema, costs, document, operation)({});
    return cost > costMax ? [`It would cost ${cost} points, the limit is ${costMax}.`] : [];
  };
}
