import { type Metric, metricDefinition } from '@greencity/air/metric';
import { DAY_MS } from '@greencity/air/time';

export type Comparison = 'ABOVE' | 'BELOW';
export type Severity = 'INFO' | 'WARNING' | 'CRITICAL';

/** When to raise an alert: a value past a threshold for long enough, at one device, in one zone, or anywhere. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly metric: Metric;
  readonly comparison: Comparison;
  /** In the metric's unit. A value must be past it, not at it. */
  readonly threshold: number;
  /** On the harmless side of `threshold`, or equal to it: an alert ends at a value at or past this one. */
  readonly clearThreshold: number;
  readonly forMs: number;
  readonly severity: Severity;
  /** Only devices of this zone; null for all. */
  readonly zoneId: string | null;
  /** Only this device; null for all. */
  readonly deviceId: string | null;
  readonly enabled: boolean;
  readonly createdAtMs: number;
}

/** What is wrong with a rule: the field, and what it must be. */
export interface RuleFault {
  readonly field: string;
  readonly must: string;
}

const NAME_LENGTH_MAX = 100;

/** The first fault of a rule, or undefined for a good one. */
export function ruleFault(rule: Rule): RuleFault | undefined {
  const [low, high] = metricDefinition(rule.metric).possible;
  const possible = (value: number) => value >= low && value <= high;
  const range = `must be ${low} to ${high}, what ${rule.metric} can be`;
  if (rule.name.trim() === '' || rule.name.length > NAME_LENGTH_MAX)
    return { field: 'name', must: `must be 1 to ${NAME_LENGTH_MAX} characters` };
  if (!possible(rule.threshold)) return { field: 'threshold', must: range };
  if (!possible(rule.clearThreshold)) return { field: 'clearThreshold', must: range };
  if (exceeds(rule, rule.clearThreshold))
    return {
      field: 'clearThreshold',
      must: `must not be ${rule.comparison === 'ABOVE' ? 'above' : 'below'} the threshold ${rule.threshold}`,
    };
  if (!(rule.forMs >= 0 && rule.forMs <= DAY_MS)) return { field: 'for', must: 'must be PT0S to P1D' };
  if (rule.deviceId !== null && rule.zoneId !== null)
    return { field: 'deviceId', must: 'must not stand together with zoneId' };
  return undefined;
}

/** Whether a value is past the rule's threshold. */
export function exceeds(rule: Rule, value: number): boolean {
  return rule.comparison === 'ABOVE' ? value > rule.threshold : value < rule.threshold;
}

/** Whether a value is on the side of the clear threshold where an alert ends. */
export function clears(rule: Rule, value: number): boolean {
  return rule.comparison === 'ABOVE' ? value <= rule.clearThreshold : value >= rule.clearThreshold;
}

/** Where a device stands, as far as rules ask. */
export interface Placement {
  readonly deviceId: string;
  readonly zoneId: string;
  readonly retired: boolean;
}

/** Whether a rule watches a device. */
export function watches(rule: Rule, { deviceId, zoneId, retired }: Placement): boolean {
  if (!rule.enabled || retired) return false;
  if (rule.deviceId !== null) return rule.deviceId === deviceId;
  return rule.zoneId === null || rule.zoneId === zoneId;
}

/** Whether a change of a rule makes what was waiting to fire start anew. */
export function judgesOtherwise(before: Rule, after: Rule): boolean {
  return (
    before.threshold !== after.threshold ||
    before.clearThreshold !== after.clearThreshold ||
    before.forMs !== after.forMs
  );
}
