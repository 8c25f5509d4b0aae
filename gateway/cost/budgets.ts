import type { Viewer } from '@greencity/platform/graphql/port';
import type { KeyValue, RateLimit } from '@greencity/platform/key-value/port';
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

/** Budgets of viewers and of addresses: buckets that fill within a minute. */
export interface Budgets {
  /** Takes what an operation costs from its viewer's budget; undefined for a viewer who has none, as the platform itself. */
  spend(viewer: Viewer, cost: number): Promise<BudgetState | undefined>;
  /** Takes one request from an address's budget; undefined for this machine itself. */
  knock(address: string): Promise<BudgetState | undefined>;
  /** Takes more from an address, as much as is there: for a request that was wrong. Reading and refusing one can cost as much as executing it. */
  fine(address: string): Promise<void>;
}

/** Nobody is limited. */
export const UNLIMITED: Budgets = {
  spend: async () => undefined,
  knock: async () => undefined,
  fine: async () => undefined,
};

const MINUTE_S = 60;
/** What a wrong request counts beyond itself. */
const FINE_REQUESTS = 20;

/** Budgets kept in `keyValue`, so that they hold for all gateways that share it. */
export function openBudgets(keyValue: KeyValue, limits: RateLimits): Budgets {
  const exempt = (address: string | undefined): boolean =>
    address === undefined || (!limits.limitLocal && isLocal(address));
  const take = async (key: string, amount: number, perMinute: number): Promise<BudgetState> => {
    const limit: RateLimit = { capacity: perMinute, refillPerSecond: perMinute / MINUTE_S };
    const { allowed, remaining, retryAfterMs } = await keyValue.spend(key, amount, limit);
    return {
      allowed,
      limit: perMinute,
      remaining: Math.floor(remaining),
      resetS: Math.ceil((perMinute - remaining) / limit.refillPerSecond),
      retryAfterS: allowed ? 0 : Math.max(1, Math.ceil(Math.min(retryAfterMs / 1_000, MINUTE_S))),
    };
  };
  return {
    async spend(viewer, cost) {
      const perMinute = costPerMinute(viewer, limits);
      if (perMinute === 0 || exempt(viewer.from)) return undefined;
      return await take(`cost ${payerOf(viewer)}`, cost, perMinute);
    },
    async knock(address) {
      if (limits.requestsPerMinute === 0 || exempt(address)) return undefined;
      return await take(`requests ${clientKey(address)}`, 1, limits.requestsPerMinute);
    },
    async fine(address) {
      if (limits.requestsPerMinute === 0 || exempt(address)) return;
      const key = `requests ${clientKey(address)}`;
      const taken = await take(key, FINE_REQUESTS, limits.requestsPerMinute);
      if (!taken.allowed && taken.remaining > 0) await take(key, taken.remaining, limits.requestsPerMinute);
    },
  };
}

/** Whose budget it is: a user has one with every right that they have had. */
function payerOf(viewer: Viewer): string {
  switch (viewer.kind) {
    case 'anonymous':
      return `anonymous ${clientKey(viewer.from ?? '')}`;
    case 'user':
      return `user ${viewer.userId}`;
    case 'key':
      return `key ${viewer.keyId}`;
  }
}

function costPerMinute(viewer: Viewer, limits: RateLimits): number {
  switch (viewer.kind) {
    case 'anonymous':
      return limits.anonymousCostPerMinute;
    case 'user':
      return limits.userCostPerMinute;
    case 'key':
      return limits.keyCostPerMinute;
  }
}
