import type { ServerResponse } from 'node:http';
import type { BudgetState } from '../cost/budgets.ts';
import { told } from './told-response.ts';

/** Says in an answer's headers what is left of the client's budget, and when to come again. Source: IETF draft-ietf-httpapi-ratelimit-headers-06. */
export function setBudgetHeaders(response: ServerResponse, state: BudgetState): void {
  told(response).budget = state;
}

/** Whether the answer's headers say by the client's budget when to come again. */
export function tellsWhenToCome(response: ServerResponse): boolean {
  return told(response).budget?.allowed === false;
}
