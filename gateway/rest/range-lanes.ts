import { AppError } from '@greencity/platform/errors';
import { clientKey, isLocal } from '../http/client-address.ts';
import { type Lanes, openLanes } from '../subscriptions/lanes.ts';

/**
 * Lets each client have so many ranges read at a time; its others wait in line. What a range holds is read, written and read again: fifty at once of one client are
 * in front of whatever else comes to the stores. Programs on this machine itself are not held: behind them may stand everybody.
 */
export interface RangeLanes {
  /** @throws AppError RATE_LIMITED when too many of this client wait already */
  read<T>(from: string | undefined, work: () => Promise<T>): Promise<T>;
}

const AT_A_TIME_MAX = 4;
export const RANGES_WAITING_MAX = 100;

export function openRangeLanes(): RangeLanes {
  const clients = new Map<string, { readonly lanes: Lanes; ranges: number }>();
  return {
    async read(from, work) {
      if (from === undefined || isLocal(from)) return await work();
      const key = clientKey(from);
      const client = clients.get(key) ?? { lanes: openLanes(AT_A_TIME_MAX), ranges: 0 };
      if (client.ranges >= AT_A_TIME_MAX + RANGES_WAITING_MAX)
        throw new AppError('RATE_LIMITED', `at most ${RANGES_WAITING_MAX} ranges of one client wait at a time`);
      clients.set(key, client);
      client.ranges += 1;
      try {
        return await client.lanes(work);
      } finally {
        client.ranges -= 1;
        if (client.ranges === 0) clients.delete(key);
      }
    },
  };
}
