import type { EventLog } from '@greencity/platform/event-log/port';
import type { Logger } from '@greencity/platform/log/port';
import type { Metrics } from '@greencity/platform/metrics/port';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { ALERT_CHANNEL, type LiveAlert } from '@greencity/schema/events/channels';
import { ALERT_STATES, type Alert } from './domain/alert.ts';
import type { AlertEngine } from './domain/alert-engine.ts';
import type { Progress } from './domain/changes.ts';
import { createOutbox, eventOf } from './outbox.ts';
import type { AlertStore, KeptAlert } from './store/alert-store.ts';

/**
 * Brings what the engine decides into the store, into the `alerts` topic, and to whoever listens, in this order. While the log takes nothing,
 * who listens is told all the same, without a place in the log.
 *
 * What the log has not taken yet is stored with its alert (an outbox) and told at the next chance, after a crash too: the topic holds every
 * change of state at least once, in order for each alert. A reader that needs each once goes by (alertId, state, changedAtMs).
 */
export interface AlertBook {
  /** Stores and tells all that has changed. @throws AppError STORE_UNWRITABLE, LOG_UNWRITABLE, LOG_FULL: nothing is lost, call again. */
  settle(): Promise<void>;
  /** The same, but a log that cannot be written is no failure: it is told later. @throws AppError STORE_UNWRITABLE */
  settleStore(): Promise<void>;
  /**
   * Stores an alert that was changed by hand before anybody sees it, then tells of it where `told` says so.
   * @throws AppError STORE_UNWRITABLE: nothing has changed then.
   */
  change(alert: Alert, told: boolean): Promise<void>;
}

export interface AlertBookOptions {
  readonly store: AlertStore;
  readonly engine: AlertEngine;
  readonly eventLog: EventLog;
  readonly pubSub: PubSub;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** What a crash left untold. */
  readonly owed: readonly KeptAlert[];
}

/** A book over this engine. Its calls must not overlap: the service runs them in turn. */
export function createAlertBook(options: AlertBookOptions): AlertBook {
  const { store, engine, log } = options;
  const outbox = createOutbox(options.eventLog, options.owed);
  const unsaved = new Map<string, Alert>();
  const unsavedProgress = new Map<string, Progress>();
  const forgotten = new Set<string>();
  const publish = publisher(options);

  function collect(): void {
    const changes = engine.takeChanges();
    for (const id of changes.forgotten) {
      unsaved.delete(id);
      forgotten.add(id);
    }
    for (const each of changes.progress) unsavedProgress.set(each.deviceId, each);
    for (const told of changes.told) {
      outbox.owe(told);
      publish.later(told);
    }
    for (const alert of changes.alerts) {
      unsaved.set(alert.id, alert);
      outbox.refresh(alert);
    }
  }

  async function saveChanges(): Promise<void> {
    collect();
    if (unsaved.size + unsavedProgress.size + forgotten.size > 0) {
      const alerts = [...unsaved.values()].map((alert) => ({ alert, owed: outbox.owedOf(alert.id) }));
      await store.save({ alerts, progress: [...unsavedProgress.values()], forgotten: [...forgotten] });
      unsaved.clear();
      unsavedProgress.clear();
      forgotten.clear();
    }
  }

  async function pay(): Promise<void> {
    try {
      const { alerts, offsets } = await outbox.pay();
      publish.now(offsets);
      // That it was told is stored with the next write; a crash before that tells it again.
      for (const alert of alerts) unsaved.set(alert.id, alert);
    } catch (cause) {
      publish.now(new Map());
      throw cause;
    }
  }

  async function payWhenPossible(): Promise<void> {
    try {
      await pay();
    } catch (error) {
      log.warn({ error }, 'changes of alerts are not in the log yet and are told later');
    }
  }

  return {
    async settle() {
      await saveChanges();
      await pay();
    },
    async settleStore() {
      await saveChanges();
      await payWhenPossible();
    },
    async change(alert, told) {
      await saveChanges();
      const owed = [...outbox.owedOf(alert.id), ...(told ? [alert] : [])];
      await store.save({ alerts: [{ alert, owed }], progress: [], forgotten: [] });
      unsaved.delete(alert.id);
      engine.adopt(alert);
      outbox.refresh(alert);
      if (!told) return;
      outbox.owe(alert);
      publish.later(alert);
      await payWhenPossible();
    },
  };
}

/** Publishes changes once they are stored, so that whoever hears of an alert finds it. */
function publisher({ pubSub, metrics }: AlertBookOptions) {
  const counters = new Map(
    ALERT_STATES.map((state) => [
      state,
      metrics.counter('greencity_alert_changes_total', 'Changes of state of alerts that were told.', { state }),
    ]),
  );
  let waiting: Alert[] = [];
  return {
    later: (told: Alert) => waiting.push(told),
    now(offsets: ReadonlyMap<Alert, number>): void {
      for (const told of waiting) {
        counters.get(told.state)?.add();
        const offset = offsets.get(told);
        const message: LiveAlert = { change: eventOf(told), ...(offset !== undefined && { offset }) };
        pubSub.publish(ALERT_CHANNEL, message);
      }
      waiting = [];
    },
  };
}
