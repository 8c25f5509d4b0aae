import type { EventLog } from '@greencity/platform/event-log/port';
import type { AlertChangedEvent } from '@greencity/schema/events/device';
import type { Alert } from './domain/alert.ts';
import type { KeptAlert } from './store/alert-store.ts';

/** Changes of state that the `alerts` topic does not hold yet. They are stored with their alerts until it does. */
export interface Outbox {
  owe(told: Alert): void;
  /** Remembers how an alert that owes something stands now. */
  refresh(alert: Alert): void;
  owedOf(alertId: string): readonly Alert[];
  /** Appends all that is owed, in order for each alert. @throws AppError LOG_UNWRITABLE, LOG_FULL */
  pay(): Promise<Paid>;
}

export interface Paid {
  /** Alerts that owe nothing any more, as they stand now. */
  readonly alerts: readonly Alert[];
  /** The place in the log of each change of state that was owed. */
  readonly offsets: ReadonlyMap<Alert, number>;
}

/** An outbox that begins with what a crash left unpaid. */
export function createOutbox(eventLog: EventLog, unpaid: readonly KeptAlert[]): Outbox {
  const owed = new Map<string, { alert: Alert; readonly told: Alert[] }>();
  for (const { alert, owed: told } of unpaid) owed.set(alert.id, { alert, told: [...told] });

  return {
    owe(told) {
      const entry = owed.get(told.id) ?? { alert: told, told: [] };
      entry.alert = told;
      entry.told.push(told);
      owed.set(told.id, entry);
    },
    refresh(alert) {
      const entry = owed.get(alert.id);
      if (entry) entry.alert = alert;
    },
    owedOf: (alertId) => owed.get(alertId)?.told ?? [],
    async pay() {
      const entries = [...owed.values()];
      if (entries.length === 0) return { alerts: [], offsets: new Map() };
      const told = entries.flatMap((entry) => entry.told);
      const firstOffset = await eventLog.append(
        'alerts',
        told.map((each) => ({ key: each.zoneId, value: JSON.stringify(eventOf(each)) })),
      );
      owed.clear();
      return {
        alerts: entries.map(({ alert }) => alert),
        offsets: new Map(told.map((each, place) => [each, firstOffset + place])),
      };
    },
  };
}

/** The event that tells of an alert's change of state. */
export function eventOf(alert: Alert): AlertChangedEvent {
  const { id, ruleId, deviceId, zoneId, metric, state, severity, title, value, threshold } = alert;
  const { startedAtMs, changedAtMs } = alert;
  return {
    ...{ v: 1, alertId: id, ruleId, deviceId, zoneId, metric, state, severity, title, value, threshold },
    ...{ startedAtMs, changedAtMs },
  };
}
