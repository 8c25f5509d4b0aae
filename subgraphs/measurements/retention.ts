import { randomUUID } from 'node:crypto';
import { HOUR_MS, MINUTE_MS } from '@greencity/air/time';
import type { Clock } from '@greencity/platform/clock/port';
import type { KeyValue } from '@greencity/platform/key-value/port';
import type { Logger } from '@greencity/platform/log/port';
import type { TimeSeries } from '@greencity/platform/time-series/port';

const EXPIRE_EVERY_MS = HOUR_MS;
/** A little shorter than the interval, so that the lease of the last run never stands in the way of the next. */
const LEASE_MS = EXPIRE_EVERY_MS - MINUTE_MS;
const LEASE_KEY = 'measurements:expire';

export interface RetentionOptions {
  readonly timeSeries: TimeSeries;
  readonly keyValue: KeyValue;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Has the store drop what its retention no longer keeps, each hour, by one process of all that share the store. Downsampling is the store's own: it rolls days up as it seals them. */
export function keepRetention({ timeSeries, keyValue, clock, log }: RetentionOptions): Disposable {
  const holder = randomUUID();
  return clock.every(EXPIRE_EVERY_MS, async () => {
    try {
      if (await keyValue.acquireLease(LEASE_KEY, holder, LEASE_MS)) await timeSeries.expire(clock.nowMs());
    } catch (error) {
      log.warn({ error }, 'old measurements could not be dropped and will be an hour later');
    }
  });
}
