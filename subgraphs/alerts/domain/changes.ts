import { type Alert, isOpen } from './alert.ts';

/** The newest value that was judged, by device and message key of the metric: what makes a reading that comes twice have one effect. */
export interface Progress {
  readonly deviceId: string;
  readonly newestMs: Readonly<Record<string, number>>;
}

/** What has changed since the changes were last taken. */
export interface Changes {
  /** Alerts as they stand now. */
  readonly alerts: readonly Alert[];
  /** Ids of pending alerts that are forgotten. */
  readonly forgotten: readonly string[];
  /** Each change of state that is to be told, in order. */
  readonly told: readonly Alert[];
  readonly progress: readonly Progress[];
}

/** Open alerts, and what changed about them. */
export interface OpenAlerts {
  get(id: string): Alert | undefined;
  of(deviceId: string): readonly Alert[];
  ofRule(ruleId: string): readonly Alert[];
  count(): number;
  /** Takes up an alert that is stored as it stands. */
  adopt(alert: Alert): void;
  /** Keeps an alert as it stands now. */
  keep(alert: Alert): void;
  /** Keeps it, and notes that everybody is to be told. */
  tell(alert: Alert): void;
  forget(alert: Alert): void;
  /** Whether there is anything to tell. */
  hasNews(): boolean;
  take(): Omit<Changes, 'progress'>;
}

/** Open alerts, none at first. */
export function createOpenAlerts(): OpenAlerts {
  const open = new Map<string, Alert>();
  const changed = new Map<string, Alert>();
  const forgotten = new Set<string>();
  let told: Alert[] = [];

  function adopt(alert: Alert): void {
    if (isOpen(alert)) open.set(alert.id, alert);
    else open.delete(alert.id);
  }

  function keep(alert: Alert): void {
    adopt(alert);
    changed.set(alert.id, alert);
    forgotten.delete(alert.id);
  }

  return {
    get: (id) => open.get(id),
    of: (deviceId) => [...open.values()].filter((alert) => alert.deviceId === deviceId),
    ofRule: (ruleId) => [...open.values()].filter((alert) => alert.ruleId === ruleId),
    count: () => open.size,
    adopt,
    keep,
    tell(alert) {
      keep(alert);
      told.push(alert);
    },
    forget({ id }) {
      open.delete(id);
      changed.delete(id);
      forgotten.add(id);
    },
    hasNews: () => told.length > 0,
    take() {
      const taken = { alerts: [...changed.values()], forgotten: [...forgotten], told };
      changed.clear();
      forgotten.clear();
      told = [];
      return taken;
    },
  };
}
