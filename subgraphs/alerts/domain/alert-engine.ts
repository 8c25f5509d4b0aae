import { metricDefinition } from '@greencity/air/metric';
import { BAD_BITS } from '@greencity/air/quality';
import { type Alert, ended } from './alert.ts';
import { type Changes, createOpenAlerts, type OpenAlerts, type Progress } from './changes.ts';
import { evaluate } from './evaluation.ts';
import { exceeds, judgesOtherwise, type Placement, type Rule, watches } from './rule.ts';

/** A reading, as far as rules ask. Values and flags by message key. */
export interface Reading {
  readonly deviceId: string;
  readonly zoneId: string;
  readonly timeMs: number;
  readonly values: Readonly<Partial<Record<string, number>>>;
  readonly flags?: Readonly<Partial<Record<string, number>>> | undefined;
}

/** What is known of a device now. */
export interface KnownDevice {
  readonly name: string;
  readonly zoneId: string;
  readonly retired: boolean;
}

export interface AlertEngine {
  /** Judges a reading by the rules of its metrics, its zone and its device. Values that are BAD, or not newer than the one before, have no effect. */
  read(reading: Reading): void;
  /** Puts a rule in force, or changes it; alerts that it no longer covers end. */
  setRule(rule: Rule, atMs: number): void;
  /** Takes a rule out of force; its alerts end. */
  removeRule(ruleId: string, atMs: number): void;
  /** Follows a device that was moved, renamed or retired: alerts of rules that no longer watch it end. */
  deviceChanged(deviceId: string, atMs: number): void;
  /** Whether readings of this device were judged, or alerts of it are open. */
  follows(deviceId: string): boolean;
  rule(id: string): Rule | undefined;
  /** In order of creation. */
  rules(): readonly Rule[];
  /** An open alert as it stands now. */
  alert(id: string): Alert | undefined;
  /** Alerts that are open now. */
  openCount(): number;
  /** Takes up what was stored: before the first reading, or an alert that was changed by hand. */
  adopt(alert: Alert): void;
  adoptProgress(progress: Progress): void;
  /** Whether a change of state waits to be told. */
  hasNews(): boolean;
  /** What changed since it was last asked. */
  takeChanges(): Changes;
}

/** The values of one metric of one device, and the rules that watch them. */
interface Watched {
  readonly key: string;
  readonly rules: readonly Rule[];
}

interface Followed {
  readonly deviceId: string;
  /** The rules' version that `watched` was made from; -1 when the device has changed since. */
  rulesVersion: number;
  watched: readonly Watched[];
  zoneId: string;
  name: string;
  /** Newest judged time by message key. */
  readonly newestMs: Map<string, number>;
  readonly alerts: Map<string, Alert>;
  changed: boolean;
}

interface State {
  readonly rules: Map<string, Rule>;
  rulesVersion: number;
  readonly followed: Map<string, Followed>;
  readonly open: OpenAlerts;
  /** Devices whose newest times have changed. */
  moved: Followed[];
  readonly device: (deviceId: string) => KnownDevice | undefined;
}

/**
 * The rules, what they have seen, and the alerts they follow; all in memory.
 * @param device what is known of a device now; readings of one that is not known are judged by the zone they carry
 */
export function createAlertEngine(device: (deviceId: string) => KnownDevice | undefined): AlertEngine {
  const open = createOpenAlerts();
  const state: State = { rules: new Map(), rulesVersion: 0, followed: new Map(), open, moved: [], device };
  const { rules, followed } = state;

  return {
    read: (reading) => read(state, reading),
    setRule: (rule, atMs) => setRule(state, rule, atMs),
    removeRule(ruleId, atMs) {
      rules.delete(ruleId);
      state.rulesVersion += 1;
      for (const alert of open.ofRule(ruleId)) settle(state, alert, atMs);
    },
    deviceChanged(deviceId, atMs) {
      const entry = followed.get(deviceId);
      if (entry) entry.rulesVersion = -1;
      for (const alert of open.of(deviceId)) settle(state, alert, atMs);
    },
    follows: (deviceId) => followed.has(deviceId),
    rule: (id) => rules.get(id),
    rules: () => [...rules.values()].sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1)),
    alert: (id) => open.get(id),
    openCount: () => open.count(),
    adopt(alert) {
      open.adopt(alert);
      place(follow(state, alert.deviceId, alert.zoneId), alert);
    },
    adoptProgress({ deviceId, newestMs }) {
      const entry = follow(state, deviceId, '');
      for (const [key, timeMs] of Object.entries(newestMs)) entry.newestMs.set(key, timeMs);
    },
    hasNews: () => open.hasNews(),
    takeChanges() {
      const progress = state.moved.map((entry) => {
        entry.changed = false;
        return { deviceId: entry.deviceId, newestMs: Object.fromEntries(entry.newestMs) };
      });
      state.moved = [];
      return { ...open.take(), progress };
    },
  };
}

function read(state: State, reading: Reading): void {
  const entry = state.followed.get(reading.deviceId) ?? follow(state, reading.deviceId, reading.zoneId);
  if (entry.rulesVersion !== state.rulesVersion) watch(state, entry, reading.zoneId);
  const { timeMs, values, flags } = reading;
  for (const { key, rules } of entry.watched) {
    const value = values[key];
    if (value === undefined) continue;
    if (flags && (flags[key] ?? 0) & BAD_BITS) continue;
    const previousMs = entry.newestMs.get(key);
    if (previousMs !== undefined && timeMs <= previousMs) continue;
    entry.newestMs.set(key, timeMs);
    if (!entry.changed) {
      entry.changed = true;
      state.moved.push(entry);
    }
    for (const rule of rules) {
      // Nearly every value ends here: no alert is open and the threshold is not passed.
      if (entry.alerts.size === 0 && !exceeds(rule, value)) continue;
      judge(state, entry, rule, { value, timeMs, previousMs });
    }
  }
}

interface Seen {
  readonly value: number;
  readonly timeMs: number;
  readonly previousMs: number | undefined;
}

function judge({ open }: State, entry: Followed, rule: Rule, seen: Seen): void {
  const { deviceId, zoneId, name, alerts } = entry;
  const alert = alerts.get(rule.id);
  const evaluation = evaluate(rule, alert, { deviceId, deviceName: name, zoneId, ...seen });
  switch (evaluation.kind) {
    case 'none':
      break;
    case 'quiet':
      open.keep(evaluation.alert);
      place(entry, evaluation.alert);
      break;
    case 'told':
      open.tell(evaluation.alert);
      place(entry, evaluation.alert);
      break;
    case 'forgotten':
      if (alert) open.forget(alert);
      alerts.delete(rule.id);
      if (!evaluation.next) break;
      open.keep(evaluation.next);
      place(entry, evaluation.next);
      break;
  }
}

function place(entry: Followed, alert: Alert): void {
  if (alert.state === 'RESOLVED' && !alert.held) entry.alerts.delete(alert.ruleId);
  else entry.alerts.set(alert.ruleId, alert);
}

function follow(state: State, deviceId: string, zoneId: string): Followed {
  const known = state.followed.get(deviceId);
  if (known) return known;
  const entry: Followed = {
    deviceId,
    rulesVersion: -1,
    watched: [],
    zoneId,
    name: deviceId,
    newestMs: new Map(),
    alerts: new Map(),
    changed: false,
  };
  state.followed.set(deviceId, entry);
  return entry;
}

/** Finds the rules that watch a device now. */
function watch({ rules, rulesVersion, device }: State, entry: Followed, zoneOfReading: string): void {
  const { deviceId } = entry;
  const known = device(deviceId);
  entry.name = known?.name ?? deviceId;
  entry.zoneId = known?.zoneId ?? zoneOfReading;
  const placement: Placement = { deviceId, zoneId: entry.zoneId, retired: known?.retired ?? false };
  const byMetric = Map.groupBy(
    [...rules.values()].filter((rule) => watches(rule, placement)),
    (rule) => metricDefinition(rule.metric).key,
  );
  entry.watched = [...byMetric].map(([key, watching]) => ({ key, rules: watching }));
  entry.rulesVersion = known ? rulesVersion : -1;
}

function setRule(state: State, rule: Rule, atMs: number): void {
  const before = state.rules.get(rule.id);
  state.rules.set(rule.id, rule);
  state.rulesVersion += 1;
  const anew = before !== undefined && judgesOtherwise(before, rule);
  for (const alert of state.open.ofRule(rule.id)) {
    if (anew && alert.state === 'PENDING') forget(state, alert);
    else settle(state, alert, atMs);
  }
}

/** Ends an alert whose rule no longer watches its device. One that never fired is forgotten, one that was ended by hand is let go. */
function settle(state: State, alert: Alert, atMs: number): void {
  const rule = state.rules.get(alert.ruleId);
  const known = state.device(alert.deviceId);
  const { deviceId } = alert;
  const placement = { deviceId, zoneId: known?.zoneId ?? alert.zoneId, retired: known?.retired ?? false };
  if (rule && watches(rule, placement)) return;
  const entry = follow(state, deviceId, alert.zoneId);
  if (alert.state === 'PENDING') {
    forget(state, alert);
    return;
  }
  const settled = alert.state === 'RESOLVED' ? { ...alert, held: false } : ended(alert, atMs);
  if (alert.state === 'RESOLVED') state.open.keep(settled);
  else state.open.tell(settled);
  place(entry, settled);
}

function forget({ open, followed }: State, alert: Alert): void {
  open.forget(alert);
  followed.get(alert.deviceId)?.alerts.delete(alert.ruleId);
}
