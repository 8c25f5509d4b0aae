import { clientKey, isLocal } from '../http/client-address.ts';

/** How much each client address holds open. Programs on this machine itself are counted where they are limited as well: behind them may stand everybody. */
export interface ClientCounts {
  /** Counts one more; undefined when the address has as many as it may. */
  enter(address: string | undefined): (() => void) | undefined;
}

export function clientCounts(most: number, limitLocal: boolean): ClientCounts {
  const held = new Map<string, number>();
  return {
    enter(address) {
      if (address === undefined || (!limitLocal && isLocal(address))) return () => undefined;
      const key = clientKey(address);
      const before = held.get(key) ?? 0;
      if (before >= most) return undefined;
      held.set(key, before + 1);
      return () => {
        const left = (held.get(key) ?? 1) - 1;
        if (left === 0) held.delete(key);
        else held.set(key, left);
      };
    },
  };
}
