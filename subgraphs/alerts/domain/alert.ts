import { type Metric, metricDefinition } from '@greencity/air/metric';
import type { Rule, Severity } from './rule.ts';

export const ALERT_STATES = ['PENDING', 'FIRING', 'ACKNOWLEDGED', 'RESOLVED'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** A rule's threshold passed at a device, from the first value past it to the one that ended it. */
export interface Alert {
  /** Made of the rule, the device and the start, so that the same readings give the same alert. */
  readonly id: string;
  readonly ruleId: string;
  readonly deviceId: string;
  /** Where the device was when the alert began. */
  readonly zoneId: string;
  readonly metric: Metric;
  readonly severity: Severity;
  readonly title: string;
  /** The newest value that the rule saw; after the end, the one that ended it. */
  readonly value: number;
  /** The rule's threshold when the alert began. */
  readonly threshold: number;
  readonly state: AlertState;
  /** When the value first crossed the threshold, in measurement time. */
  readonly startedAtMs: number;
  /** When the state last changed: in measurement time where a value changed it, else when it was done. */
  readonly changedAtMs: number;
  readonly acknowledgedAtMs: number | null;
  readonly comment: string | null;
  readonly resolvedAtMs: number | null;
  /** Ended by hand while the value was still past the clear threshold: the rule waits for it to be on the right side before it begins anew. */
  readonly held: boolean;
}

/** Alerts that the rules still follow: not ended, or ended by hand and held. */
export function isOpen(alert: Alert): boolean {
  return alert.state !== 'RESOLVED' || alert.held;
}

/** A value of a device, as a rule sees it. */
export interface Sighting {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly zoneId: string;
  readonly timeMs: number;
  readonly value: number;
  /** Time of the value before; undefined for the first. */
  readonly previousMs: number | undefined;
}

/** An alert that begins: pending, until it fires. */
export function begun(rule: Rule, sighting: Sighting): Alert {
  const { deviceId, zoneId, timeMs, value } = sighting;
  return {
    id: `${rule.id}~${deviceId}~${timeMs.toString(36)}`,
    ruleId: rule.id,
    deviceId,
    zoneId,
    metric: rule.metric,
    severity: rule.severity,
    title: titleOf(rule, sighting),
    value,
    threshold: rule.threshold,
    state: 'PENDING',
    startedAtMs: timeMs,
    changedAtMs: timeMs,
    acknowledgedAtMs: null,
    comment: null,
    resolvedAtMs: null,
    held: false,
  };
}

/** What an alert says in one line, as in `PM2.5 high: 63.2 µg/m³ at Rue de Rome 14`. */
export function titleOf(rule: Rule, { value, deviceName }: Sighting): string {
  return `${rule.name}: ${Number(value.toFixed(2))} ${metricDefinition(rule.metric).unit} at ${deviceName}`;
}

/** The alert as it ends. */
export function ended(alert: Alert, atMs: number, { value = alert.value, held = false } = {}): Alert {
  return { ...alert, state: 'RESOLVED', value, held, changedAtMs: atMs, resolvedAtMs: atMs };
}

/** What came of asking for a change by hand. */
export type ByHand =
  | { readonly kind: 'changed'; readonly alert: Alert }
  /** It already is as asked for. */
  | { readonly kind: 'same'; readonly alert: Alert }
  | { readonly kind: 'refused'; readonly reason: string };

/** Takes a firing alert in hand. Doing it again may change the comment and is no new change of state. */
export function acknowledged(alert: Alert, comment: string | null, atMs: number): ByHand {
  switch (alert.state) {
    case 'PENDING':
      return { kind: 'refused', reason: 'it does not fire yet' };
    case 'FIRING':
      return {
        kind: 'changed',
        alert: { ...alert, state: 'ACKNOWLEDGED', comment, changedAtMs: atMs, acknowledgedAtMs: atMs },
      };
    case 'ACKNOWLEDGED':
      return { kind: 'same', alert: comment === null ? alert : { ...alert, comment } };
    case 'RESOLVED':
      return { kind: 'refused', reason: 'it has ended' };
  }
}

/** Ends an alert by hand; it is held until the value has been on the right side. */
export function resolvedByHand(alert: Alert, atMs: number): ByHand {
  switch (alert.state) {
    case 'PENDING':
      return { kind: 'refused', reason: 'it does not fire yet' };
    case 'FIRING':
    case 'ACKNOWLEDGED':
      return { kind: 'changed', alert: ended(alert, atMs, { held: true }) };
    case 'RESOLVED':
      return { kind: 'same', alert };
  }
}
