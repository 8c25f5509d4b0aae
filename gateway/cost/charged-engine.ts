import type { Answer } from '../answer.ts';
import type { Engine, OperationRequest, Prepared } from '../engine.ts';
import { type Turns, WAITING_PER_CLIENT_MAX } from '../turns.ts';
import type { BudgetState, Soon } from './budgets.ts';
import type { Charge } from './charging.ts';

/** An engine whose operations have a price, and whose clients take turns at what takes long. */
export interface ChargedEngine extends Engine {
  /** Takes the price of what is not executed by `execute`, as a subscription that is joined. */
  readonly charge: Charge;
  /** Waits for the client's turn where an operation has to be planned first. @throws AppError RATE_LIMITED */
  untilPlanned(request: Waiting & Pick<OperationRequest, 'source' | 'operationName'>): Promise<void>;
}

type Waiting = Pick<OperationRequest, 'viewer' | 'onBudget'>;

/** What is said of the budget to a client of whom too much waits already: this is theirs alone, whoever asks the same. */
export const NO_TURN_LEFT: BudgetState = {
  allowed: false,
  limit: WAITING_PER_CLIENT_MAX,
  remaining: 0,
  resetS: 1,
  retryAfterS: 1,
};

/** An operation of so many points is likely to hold up others while it is executed. */
const DEAR_POINTS = 500;

/** An engine for which nothing has to be paid or waited for, where nobody is limited. */
export function freeEngine(engine: Engine): ChargedEngine {
  return { ...engine, charge: () => 0, untilPlanned: async () => undefined };
}

/** Takes what each operation costs before it is executed. An answer that is there already, or is being made for another, costs nothing. */
export function chargedEngine(engine: Engine, charge: Charge, turns: Turns): ChargedEngine {
  const take = ({ viewer, onBudget }: Waiting): Soon<void> =>
    turns.take(viewer.from)?.catch((error: unknown) => {
      onBudget?.(NO_TURN_LEFT);
      throw error;
    });
  // Paid before it is planned, which takes longer than anything else that is done for whoever has nothing left.
  const paidAnew = async (request: OperationRequest): Promise<Prepared> => {
    const variables = engine.coerced(request);
    await charge(request, variables);
    await take(request);
    return { operation: engine.compiled(request), variables };
  };
  const inTurn = (request: OperationRequest, prepared: Prepared, cost: number): Soon<Prepared> =>
    cost < DEAR_POINTS ? prepared : (take(request)?.then(() => prepared) ?? prepared);
  const paid = (request: OperationRequest): Soon<Prepared> => {
    const known = engine.known(request);
    if (!known) return paidAnew(request);
    const prepared = engine.prepare(request, known);
    const cost = charge(request, prepared.variables);
    return cost instanceof Promise
      ? cost.then((points) => inTurn(request, prepared, points))
      : inTurn(request, prepared, cost);
  };
  const refused = ({ requestId }: OperationRequest, error: unknown): Answer => {
    const fault = { subgraph: undefined, error: error as Error, path: undefined, whole: true };
    return { whole: undefined, errors: engine.explainer(requestId).faults([fault]) };
  };
  return {
    ...engine,
    charge,
    async untilPlanned(request) {
      if (!engine.known(request)) await take(request);
    },
    execute(request) {
      let prepared: Soon<Prepared>;
      try {
        prepared = paid(request);
      } catch (error) {
        return Promise.resolve(refused(request, error));
      }
      if (!(prepared instanceof Promise)) return engine.execute(request, prepared);
      return prepared.then(
        (waited) => engine.execute(request, waited),
        (error: unknown) => refused(request, error),
      );
    },
  };
}
