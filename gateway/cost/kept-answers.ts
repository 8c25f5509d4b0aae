import type { ServerResponse } from 'node:http';
import type { Viewer } from '@greencity/platform/graphql/port';
import { setBudgetHeaders } from '../http/budget-headers.ts';
import type { BudgetState, Budgets, Soon } from './budgets.ts';

/** What an answer costs that is there already, or is being made for another: it is found and written. The least that any operation costs. */
const KEPT_COST = 1;

/** Takes the price of a kept answer and says so in the headers. False when there is not even that: nothing is taken or said then, and who asks is refused as anybody is who asks anew. */
export function payForKept(budgets: Budgets, viewer: Viewer, response: ServerResponse): Soon<boolean> {
  const spent = budgets.spend(viewer, KEPT_COST);
  return spent instanceof Promise ? spent.then((state) => paid(state, response)) : paid(spent, response);
}

function paid(state: BudgetState | undefined, response: ServerResponse): boolean {
  if (!state) return true;
  if (state.allowed) setBudgetHeaders(response, state);
  return state.allowed;
}
