import type { ServerResponse } from 'node:http';
import type { BudgetState } from '../cost/budgets.ts';

/** Says in an answer's headers what is left of the client's budget, and when to come again. Source: IETF draft-ietf-httpapi-ratelimit-headers-06. */
export function setBudgetHeaders(response: ServerResponse, state: BudgetState): void {
  if (response.headersSent) return;
  response.setHeader('RateLimit-Limit', state.limit);
  response.setHeader('RateLimit-Remaining', state.remaining);
  response.setHeader('RateLimit-Reset', state.resetS);
  response.setHeader('RateLimit-Policy', `${state.limit};w=60`);
  if (!state.allowed) response.setHeader('Retry-After', state.retryAfterS);
}
