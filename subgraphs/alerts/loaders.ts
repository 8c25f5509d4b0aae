import DataLoader from 'dataloader';
import type { Alert } from './domain/alert.ts';
import type { AlertsQuery, Queries } from './queries.ts';
import type { AlertPage } from './store/alert-store.ts';

/** Loaders of one client request. Rules need none: they are in memory. */
export interface Loaders {
  /** By id; null where there is none. */
  readonly alert: DataLoader<string, Alert | null>;
  /** Equal lists are asked for once. */
  readonly alerts: DataLoader<AlertsQuery, AlertPage, string>;
}

/** New loaders, empty. */
export function createLoaders(queries: Queries): Loaders {
  return {
    alert: new DataLoader(async (ids) => (await queries.alertsById(ids)).map((alert) => alert ?? null)),
    alerts: new DataLoader(
      (asked) => Promise.all(asked.map((query) => queries.alerts(query).catch((error: Error) => error))),
      {
        cacheKeyFn: ({ deviceId, zoneId, states, first, after }) =>
          JSON.stringify([deviceId, zoneId, states, first, after]),
      },
    ),
  };
}
