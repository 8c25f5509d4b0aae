import { AppError } from '@greencity/platform/errors';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { ALERT_CHANNEL } from '@greencity/schema/events/channels';
import type { AlertChangedEvent } from '@greencity/schema/events/device';
import type { Alert, AlertState } from './domain/alert.ts';
import type { AlertEngine } from './domain/alert-engine.ts';
import type { Rule } from './domain/rule.ts';
import { onlyThose } from './only-those.ts';
import type { AlertPage, AlertStore } from './store/alert-store.ts';

/** What a list of alerts is asked for. Of one device, of one zone, or of the whole city. */
export interface AlertsQuery {
  /** FIRING, ACKNOWLEDGED and RESOLVED when not said. */
  readonly states: readonly AlertState[] | undefined;
  readonly first: number;
  readonly after: string | undefined;
  readonly deviceId?: string;
  readonly zoneId?: string;
}

/** The questions that clients ask about alerts and rules. */
export interface Queries {
  /** Newest first. @throws AppError BAD_USER_INPUT, BAD_CURSOR; TOO_COSTLY beyond 200 a page */
  alerts(query: AlertsQuery): Promise<AlertPage>;
  /** In the order of `ids`. */
  alertsById(ids: readonly string[]): Promise<readonly (Alert | undefined)[]>;
  rule(id: string): Rule | undefined;
  rules(): readonly Rule[];
  /** Changes of alerts of one zone, or of all. A subscriber that does not keep up loses the oldest. */
  changes(zoneId: string | undefined): AsyncIterableIterator<AlertChangedEvent>;
  /** The alert as it was when it changed: it may have gone on since. @throws AppError NOT_FOUND */
  alertAt(change: AlertChangedEvent): Promise<Alert>;
}

export interface QueriesOptions {
  readonly store: AlertStore;
  readonly engine: AlertEngine;
  readonly pubSub: PubSub;
}

const PAGE_MAX = 200;
/** Changes that wait for one slow subscriber. */
const QUEUE_MAX = 1_000;
const STATES: readonly AlertState[] = ['FIRING', 'ACKNOWLEDGED', 'RESOLVED'];

/** Queries over this engine and its store. */
export function createQueries({ store, engine, pubSub }: QueriesOptions): Queries {
  /** The store learns of new values with the next flush; who asks is given the newest. */
  const newest = (alert: Alert) => engine.alert(alert.id) ?? alert;

  async function alertsById(ids: readonly string[]): Promise<readonly (Alert | undefined)[]> {
    return (await store.alerts(ids)).map((alert) => alert && newest(alert));
  }

  return {
    alertsById,
    async alerts({ states = STATES, first, ...query }) {
      if (first < 1) throw new AppError('BAD_USER_INPUT', `first: must be 1 to ${PAGE_MAX}`);
      if (first > PAGE_MAX) throw new AppError('TOO_COSTLY', `first: at most ${PAGE_MAX}`);
      const page = await store.page({ ...query, states, first });
      return { ...page, nodes: page.nodes.map(newest) };
    },
    rule: (id) => engine.rule(id),
    rules: () => engine.rules(),
    changes(zoneId) {
      const changes = pubSub.subscribe<AlertChangedEvent>([ALERT_CHANNEL], { queueMax: QUEUE_MAX });
      return zoneId === undefined ? changes : onlyThose(changes, (change) => change.zoneId === zoneId);
    },
    async alertAt({ alertId, state, value, title, changedAtMs }) {
      const [alert] = await alertsById([alertId]);
      if (!alert) throw new AppError('NOT_FOUND', `alert ${alertId}`);
      return {
        ...alert,
        ...{ state, value, title, changedAtMs },
        acknowledgedAtMs: state === 'FIRING' ? null : alert.acknowledgedAtMs,
        resolvedAtMs: state === 'RESOLVED' ? alert.resolvedAtMs : null,
      };
    },
  };
}
