import type { Viewer } from '@greencity/platform/graphql/port';
import type { KeyValue, RateDecision, RateLimit } from '@greencity/platform/key-value/port';
import { clientKey, isLocal } from '../http/client-address.ts';
import type { RateLimits } from '../settings.ts';

/** What is left of somebody's budget, for the headers of an answer. */
export interface BudgetState {
  readonly allowed: boolean;
  /** What may be spent in a minute, and at once. */
  readonly limit: number;
  readonly remaining: number;
  /** Until the budget is whole again. */
  readonly resetS: number;
  /** Until what was refused would be allowed; 0 when it was. */
  readonly retryAfterS: number;
}

/** At once, or when somebody else has answered. What every request asks for must not wait where there is nothing to wait for. */
export type Soon<T> = T | Promise<T>;

/** Budgets of viewers and of addresses: buckets that fill within a minute. */
export interface Budgets {
  /** Takes what an operation costs from its viewer's budget; undefined for a viewer who has none, as the platform itself. */
  spend(viewer: Viewer, cost: number): Soon<BudgetState | undefined>;
  /** Takes one request from an address's budget; undefined for this machine itself. */
  knock(address: string): Soon<BudgetState | undefined>;
  /** Takes more from an address, as much as is there: for a request that was wrong. Reading and refusing one can cost as much as executing it. */
  fine(address: string): Soon<void>;
}

/** Nobody is limited. */
export const UNLIMITED: Budgets = {
  spend: () => undefined,
  knock: () => undefined,
  fine: () => undefined,
};

const MINUTE_S = 60;
/** What a wrong request counts beyond itself. */
const FINE_REQUESTS = 20;

/** A budget of a minute: what is there at once, and what comes back. */
interface Allowance extends RateLimit {
  readonly perMinute: number;
}

/** Budgets kept in `keyValue`, so that they hold for all gateways that share it. */
export function openBudgets(keyValue: KeyValue, limits: RateLimits): Budgets {
  const requests = allowance(limits.requestsPerMinute);
  const payers: Readonly<Record<Viewer['kind'], Payer>> = {
    anonymous: {
      ...allowance(limits.anonymousCostPerMinute),
      key: keys((from) => `cost anonymous ${clientKey(from)}`),
    },
    user: { ...allowance(limits.userCostPerMinute), key: keys((userId) => `cost user ${userId}`) },
    key: { ...allowance(limits.keyCostPerMinute), key: keys((keyId) => `cost key ${keyId}`) },
  };
  const requestsKey = keys((address) => `requests ${clientKey(address)}`);
  const exempt = (address: string | undefined): boolean =>
    address === undefined || (!limits.limitLocal && isLocal(address));
  const take = (key: string, amount: number, of: Allowance): Soon<BudgetState> => {
    const decision = keyValue.spend(key, amount, of);
    return decision instanceof Promise
      ? decision.then((decided) => budgetState(decided, of))
      : budgetState(decision, of);
  };
  return {
    spend(viewer, cost) {
      const payer = payers[viewer.kind];
      if (payer.perMinute === 0 || exempt(viewer.from)) return undefined;
      return take(payer.key(payerOf(viewer)), cost, payer);
    },
    knock(address) {
      if (requests.perMinute === 0 || exempt(address)) return undefined;
      return take(requestsKey(address), 1, requests);
    },
    async fine(address) {
      if (requests.perMinute === 0 || exempt(address)) return;
      const key = requestsKey(address);
      const taken = await take(key, FINE_REQUESTS, requests);
      if (!taken.allowed && taken.remaining > 0) await take(key, taken.remaining, requests);
    },
  };
}

interface Payer extends Allowance {
  /** The bucket's key of somebody. */
  readonly key: (id: string) => string;
}

function allowance(perMinute: number): Allowance {
  return { perMinute, capacity: perMinute, refillPerSecond: perMinute / MINUTE_S };
}

function budgetState({ allowed, remaining, retryAfterMs }: RateDecision, of: Allowance): BudgetState {
  return {
    allowed,
    limit: of.perMinute,
    remaining: Math.max(0, Math.floor(remaining)),
    resetS: Math.ceil((of.perMinute - remaining) / of.refillPerSecond),
    retryAfterS: allowed ? 0 : Math.max(1, Math.ceil(Math.min(retryAfterMs / 1_000, MINUTE_S))),
  };
}

/** Whose budget it is: a user has one with every right that they have had. */
function payerOf(viewer: Viewer): string {
  switch (viewer.kind) {
    case 'anonymous':
      return viewer.from ?? '';
    case 'user':
      return viewer.userId;
    case 'key':
      return viewer.keyId;
  }
}

/** Keys that are remembered; beyond it all of them are made anew. */
const KEYS_MAX = 10_000;

/** Makes a key once for those who come again: to find it costs less than to read an address. */
function keys(make: (id: string) => string): (id: string) => string {
  const known = new Map<string, string>();
  return (id) => {
    const found = known.get(id);
    if (found !== undefined) return found;
    if (known.size >= KEYS_MAX) known.clear();
    const key = make(id);
    known.set(id, key);
    return key;
  };
}
