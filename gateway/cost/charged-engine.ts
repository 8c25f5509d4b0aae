import type { Engine, OperationRequest } from '../engine.ts';
import type { Charge } from './charging.ts';

/** An engine whose operations have a price. */
export interface ChargedEngine extends Engine {
  /** Takes the price of what is not executed by `execute`, as a subscription that is joined. */
  readonly charge: Charge;
}

/** Takes what each operation costs before it is executed. An answer that is there already, or is being made for another, costs nothing. */
export function chargedEngine(engine: Engine, charge: Charge): ChargedEngine {
  const pay = async (request: OperationRequest): Promise<void> => {
    await charge(request, engine.compiled(request).coerce(request.variables));
  };
  return {
    ...engine,
    charge,
    async execute(request) {
      try {
        await pay(request);
      } catch (error) {
        const fault = { subgraph: undefined, error: error as Error, path: undefined, whole: true };
        return { data: undefined, errors: engine.explainer(request.requestId).faults([fault]) };
      }
      return await engine.execute(request);
    },
  };
}
