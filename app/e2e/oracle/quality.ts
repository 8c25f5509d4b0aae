/** Quality flags of the values of a file, from the rules in the README of the measurements subgraph, worked out over whole series and not value by value. */
import type { Metric, Value } from './archive.ts';
import { percentile } from './statistics.ts';

export type Flag = 'OUT_OF_RANGE' | 'STUCK' | 'SPIKE' | 'HUMID';

export interface JudgedValue extends Value {
  readonly flags: ReadonlySet<Flag>;
  /** Relative humidity that speaks for the value, for particles; undefined when unknown. */
  readonly humidity: number | undefined;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SILENCE_MS = 3 * HOUR_MS;
const STUCK_VALUES = 9;
const NEIGHBOURS = 7;
const NEIGHBOURS_NEEDED = 5;
const HUMIDITY_SPEAKS_FOR_MS = 10 * MINUTE_MS;
const TOO_HUMID_PERCENT = 85;
const SOAKED_PERCENT = 99;

interface Rules {
  readonly plausible: readonly [number, number];
  stuckAfterMs(value: number): number;
  readonly spikeDistance: number;
  readonly spikeShare: number;
}

const particles = (spikeDistance: number): Rules => ({
  plausible: [0, 999.9],
  stuckAfterMs: (value) => (value <= 10 && value % 1 === 0 ? 12 * HOUR_MS : HOUR_MS),
  spikeDistance,
  spikeShare: 1,
});

const RULES: Readonly<Record<Metric, Rules>> = {
  PM2_5: particles(15),
  PM10: particles(30),
  TEMPERATURE: { plausible: [-40, 60], stuckAfterMs: () => 12 * HOUR_MS, spikeDistance: 8, spikeShare: 0 },
  HUMIDITY: {
    plausible: [0.1, 100],
    stuckAfterMs: (value) => (value >= SOAKED_PERCENT ? 24 : 6) * HOUR_MS,
    spikeDistance: 25,
    spikeShare: 0,
  },
  PRESSURE: { plausible: [500, 1_100], stuckAfterMs: () => 24 * HOUR_MS, spikeDistance: 5, spikeShare: 0 },
};

/** Cuts a list in two wherever the test says so of two neighbours. */
function cutWhere<T>(list: readonly T[], cut: (before: T, after: T) => boolean): readonly (readonly T[])[] {
  const parts: T[][] = [];
  list.forEach((item, index) => {
    const before = list[index - 1];
    const part = parts.at(-1);
    if (!part || before === undefined || cut(before, item)) parts.push([item]);
    else part.push(item);
  });
  return parts;
}

function groupedBy<T>(list: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function isSpike(value: number, before: readonly number[], { spikeDistance, spikeShare }: Rules): boolean {
  if (before.length < NEIGHBOURS_NEEDED) return false;
  const middle = percentile(before, 50);
  const deviation = percentile(
    before.map((number) => Math.abs(number - middle)),
    50,
  );
  const limit = Math.max(spikeDistance, spikeShare * Math.abs(middle), 6 * 1.4826 * deviation);
  return Math.abs(value - middle) > limit;
}

/** Flags of one series without a silence in it. */
function judgeStretch(stretch: readonly Value[], rules: Rules, flags: Map<Value, Set<Flag>>): void {
  const [low, high] = rules.plausible;
  for (const one of stretch) flags.set(one, new Set(one.value < low || one.value > high ? ['OUT_OF_RANGE'] : []));
  for (const run of cutWhere(stretch, (before, after) => before.value !== after.value)) {
    const [first] = run;
    for (const one of run.slice(STUCK_VALUES - 1)) {
      if (first && one.timeMs - first.timeMs > rules.stuckAfterMs(one.value)) flags.get(one)?.add('STUCK');
    }
  }
  const sound = stretch.filter((one) => flags.get(one)?.size === 0);
  sound.forEach((one, index) => {
    const before = sound.slice(Math.max(0, index - NEIGHBOURS), index).map(({ value }) => value);
    if (isSpike(one.value, before, rules)) flags.get(one)?.add('SPIKE');
  });
}

/** What the newest humidity before each particle value of a device says of the air; values in the order in which they were sent. */
function humidities(values: readonly Value[], flags: ReadonlyMap<Value, ReadonlySet<Flag>>): Map<Value, number> {
  const told = new Map<Value, number>();
  let newest: Value | undefined;
  for (const one of values) {
    if (one.metric === 'HUMIDITY') newest = one;
    if (!newest || !one.metric.startsWith('PM') || one.timeMs - newest.timeMs > HUMIDITY_SPEAKS_FOR_MS) continue;
    const broken = flags.get(newest)?.has('STUCK') || flags.get(newest)?.has('OUT_OF_RANGE');
    if (!broken || newest.value >= SOAKED_PERCENT) told.set(one, newest.value);
  }
  return told;
}

/** Judges the values of a file that is sorted by time. */
export function judge(values: readonly Value[]): readonly JudgedValue[] {
  const flags = new Map<Value, Set<Flag>>();
  for (const series of groupedBy(values, ({ device, metric }) => `${device} ${metric}`).values()) {
    for (const stretch of cutWhere(series, (before, after) => after.timeMs - before.timeMs > SILENCE_MS)) {
      const [first] = stretch;
      if (first) judgeStretch(stretch, RULES[first.metric], flags);
    }
  }
  const humidity = new Map<Value, number>();
  for (const ofDevice of groupedBy(values, ({ device }) => device).values()) {
    for (const [value, percent] of humidities(ofDevice, flags)) {
      humidity.set(value, percent);
      if (percent > TOO_HUMID_PERCENT) flags.get(value)?.add('HUMID');
    }
  }
  return values.map((value) => ({ ...value, flags: flags.get(value) ?? new Set(), humidity: humidity.get(value) }));
}

/** Whether a value is BAD: it feeds no index. */
export function isBad({ flags }: JudgedValue): boolean {
  return flags.has('OUT_OF_RANGE') || flags.has('STUCK') || flags.has('HUMID');
}

/** Particle mass without its water, by the bulk κ-Köhler form with κ 0.3 and a density of 1.65, to 0.01 µg/m³; undefined where it does not apply. */
export function corrected(judged: JudgedValue): number | undefined {
  const { humidity, value } = judged;
  if (humidity === undefined || humidity > TOO_HUMID_PERCENT || isBad(judged)) return undefined;
  const growth = 1 + 0.3 / 1.65 / (100 / humidity - 1);
  return Math.round((value / growth) * 100) / 100;
}
