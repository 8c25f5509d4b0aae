import { AppError } from '@greencity/platform/errors';
import type { EventLog } from '@greencity/platform/event-log/port';
import { logStream, snapshotStream } from '@greencity/platform/graphql/log-stream';
import type { StreamEvent, StreamPart } from '@greencity/platform/graphql/port';
import { eachOf } from '@greencity/platform/graphql/told-each';
import type { PubSub } from '@greencity/platform/pub-sub/port';
import { ALERT_CHANNEL, type LiveAlert } from '@greencity/schema/events/channels';
import type { AlertChangedEvent } from '@greencity/schema/events/device';
import type { Alert, AlertState } from './domain/alert.ts';
import type { AlertEngine } from './domain/alert-engine.ts';
import type { Rule } from './domain/rule.ts';
import { eventOf } from './outbox.ts';
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
  /**
   * Changes of alerts of one zone, or of all. A subscriber that does not keep up loses the oldest. A snapshot is the alerts that fire or are
   * acknowledged, oldest first. @throws AppError TOO_COSTLY for a snapshot of more than 10,000; BAD_CURSOR, CURSOR_EXPIRED
   */
  changes(
    zoneId: string | undefined,
    part?: StreamPart,
  ): Promise<AsyncIterableIterator<StreamEvent<AlertChangedEvent>>>;
  /** The alert as it was when it changed: it may have gone on since. @throws AppError NOT_FOUND */
  alertAt(change: AlertChangedEvent): Promise<Alert>;
}

export interface QueriesOptions {
  readonly store: AlertStore;
  readonly engine: AlertEngine;
  readonly pubSub: PubSub;
  readonly eventLog: EventLog;
}

const PAGE_MAX = 200;
/** Changes that wait for one slow subscriber. */
const QUEUE_MAX = 1_000;
/** Alerts of one snapshot. */
const SNAPSHOT_ALERTS_MAX = 10_000;
const STATES: readonly AlertState[] = ['FIRING', 'ACKNOWLEDGED', 'RESOLVED'];

/** Queries over this engine and its store. */
export function createQueries({ store, engine, pubSub, eventLog }: QueriesOptions): Queries {
  const stream = logStream<AlertChangedEvent>({
    eventLog,
    topic: 'alerts',
    mark: 'a',
    momentMs: (change) => change.changedAtMs,
  });
  /** The store learns of new values with the next flush; who asks is given the newest. */
  const newest = (alert: Alert) => engine.alert(alert.id) ?? alert;

  async function alertsById(ids: readonly string[]): Promise<readonly (Alert | undefined)[]> {
    return (await store.alerts(ids)).map((alert) => alert && newest(alert));
  }

  async function openNow(zoneId: string | undefined): Promise<readonly AlertChangedEvent[]> {
    const page = await store.page({
      ...{ states: ['FIRING', 'ACKNOWLEDGED'], first: SNAPSHOT_ALERTS_MAX, after: undefined },
      ...(zoneId !== undefined && { zoneId }),
    });
    if (page.pageInfo.hasNextPage)
      throw new AppError('TOO_COSTLY', `a snapshot of ${page.totalCount} alerts, at most 10,000; ask for one zone`);
    return page.nodes.map(newest).toReversed().map(eventOf);
  }

  function liveChanges(isWanted: (change: AlertChangedEvent) => boolean) {
    const changes = pubSub.subscribe<LiveAlert>([ALERT_CHANNEL], { queueMax: QUEUE_MAX });
    return eachOf(changes, ({ change, offset }) => {
      if (!isWanted(change)) return [];
      return [{ value: change, cursor: offset === undefined ? undefined : stream.cursor(offset, change) }];
    });
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
    async changes(zoneId, part = { kind: 'live' }) {
      const isWanted = (change: AlertChangedEvent) => zoneId === undefined || change.zoneId === zoneId;
      switch (part.kind) {
        case 'live':
          return await stream.live(() => liveChanges(isWanted), part);
        case 'snapshot': {
          const cursor = await stream.endCursor();
          return snapshotStream(await openNow(zoneId), cursor);
        }
        case 'after':
          return await stream.after(part.cursor, (value) => (isWanted(value) ? [{ index: 0, value }] : []));
      }
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
