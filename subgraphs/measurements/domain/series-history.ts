import { FLAG_BIT } from '@greencity/air/quality';
import { HOUR_MS } from '@greencity/air/time';
import type { MetricRules } from './metric-rules.ts';

/** Values before the judged one that say whether it is a spike, and how many of them it takes to say so. */
const NEIGHBOURS_MAX = 7;
const NEIGHBOURS_MIN = 5;
/** Scaled median deviations that a spike is away: 1.4826 makes the median absolute deviation of normal noise its standard deviation. */
const SPIKE_DEVIATIONS = 6;
const NORMAL_SCALE = 1.4826;
/** Equal values that a run needs besides its length in time, so that two readings hours apart prove nothing. */
const RUN_VALUES_MIN = 9;
/** After a longer silence a series is judged as if it were new. */
const SILENCE_MS_MAX = 3 * HOUR_MS;
const SERIES_AT_FIRST = 1_024;

/** Newest value of a series as a store knows it, to go on from. */
export interface SeriesEnd {
  readonly timeMs: number;
  readonly value: number;
  readonly flags: number;
}

/** What is remembered of each series to judge its next value. About 100 bytes a series; series are small whole numbers from 0. */
export interface SeriesHistory {
  /**
   * Flags that the value itself and the series' past give: OUT_OF_RANGE, STUCK, SPIKE. Remembers the value.
   * A value that is not newer than the newest judged one is checked for its range alone and not remembered.
   */
  judge(series: number, rules: MetricRules, timeMs: number, value: number): number;
  /** Goes on from the newest stored value. A run that was STUCK goes on being so; one that was not yet starts anew, and spikes need new neighbours. */
  resume(series: number, end: SeriesEnd): void;
}

/** Median of the first `count` numbers, which it sorts. Insertion sort: the fastest for so few. */
function medianOf(numbers: Float64Array, count: number): number {
  for (let index = 1; index < count; index += 1) {
    const moved = numbers[index] ?? 0;
    let place = index - 1;
    while (place >= 0 && (numbers[place] ?? 0) > moved) {
      numbers[place + 1] = numbers[place] ?? 0;
      place -= 1;
    }
    numbers[place + 1] = moved;
  }
  const middle = count >> 1;
  const upper = numbers[middle] ?? 0;
  return count % 2 === 1 ? upper : ((numbers[middle - 1] ?? 0) + upper) / 2;
}

/** Whether a value is a spike among the values before it (a causal Hampel filter; source: README.md). */
function isSpike(neighbours: Float64Array, value: number, rules: MetricRules): boolean {
  const count = neighbours.length;
  const median = medianOf(neighbours, count);
  const distance = Math.abs(value - median);
  if (distance <= rules.spikeFloor || distance <= rules.spikeShare * Math.abs(median)) return false;
  for (let index = 0; index < count; index += 1) neighbours[index] = Math.abs((neighbours[index] ?? 0) - median);
  return distance > SPIKE_DEVIATIONS * NORMAL_SCALE * medianOf(neighbours, count);
}

function columns(series: number) {
  return {
    newestMs: new Float64Array(series).fill(-Infinity),
    newest: new Float64Array(series).fill(Number.NaN),
    runFromMs: new Float64Array(series),
    runValues: new Uint32Array(series),
    neighbours: new Float64Array(series * NEIGHBOURS_MAX),
    neighbourCount: new Uint8Array(series),
    neighbourNext: new Uint8Array(series),
  };
}
type Columns = ReturnType<typeof columns>;

function grown(old: Columns, series: number): Columns {
  const next = columns(Math.max(series + 1, old.newest.length * 2));
  for (const name of Object.keys(old) as (keyof Columns)[]) next[name].set(old[name]);
  return next;
}

/** An empty history. */
export function createSeriesHistory(): SeriesHistory {
  let at = columns(SERIES_AT_FIRST);
  const scratch = Array.from({ length: NEIGHBOURS_MAX + 1 }, (_, count) => new Float64Array(count));

  function forget(series: number): void {
    at.newest[series] = Number.NaN;
    at.neighbourCount[series] = 0;
    at.neighbourNext[series] = 0;
  }

  function stuck(series: number, rules: MetricRules, timeMs: number, value: number): boolean {
    if (value !== at.newest[series]) {
      at.runFromMs[series] = timeMs;
      at.runValues[series] = 1;
      return false;
    }
    const values = (at.runValues[series] ?? 0) + 1;
    at.runValues[series] = values;
    if (values < RUN_VALUES_MIN) return false;
    const lastsMs = timeMs - (at.runFromMs[series] ?? 0);
    return lastsMs > (rules.resting(value) ? rules.restingAfterMs : rules.stuckAfterMs);
  }

  function spike(series: number, rules: MetricRules, value: number): boolean {
    const count = at.neighbourCount[series] ?? 0;
    const neighbours = scratch[count];
    if (count < NEIGHBOURS_MIN || !neighbours) return false;
    const from = series * NEIGHBOURS_MAX;
    for (let index = 0; index < count; index += 1) neighbours[index] = at.neighbours[from + index] ?? 0;
    return isSpike(neighbours, value, rules);
  }

  function remember(series: number, value: number): void {
    const next = at.neighbourNext[series] ?? 0;
    at.neighbours[series * NEIGHBOURS_MAX + next] = value;
    at.neighbourNext[series] = (next + 1) % NEIGHBOURS_MAX;
    const count = at.neighbourCount[series] ?? 0;
    if (count < NEIGHBOURS_MAX) at.neighbourCount[series] = count + 1;
  }

  return {
    judge(series, rules, timeMs, value) {
      if (series >= at.newest.length) at = grown(at, series);
      const bits = value < rules.low || value > rules.high ? FLAG_BIT.OUT_OF_RANGE : 0;
      const newestMs = at.newestMs[series] ?? -Infinity;
      if (timeMs <= newestMs) return bits;
      if (timeMs - newestMs > SILENCE_MS_MAX) forget(series);
      const isStuck = stuck(series, rules, timeMs, value);
      at.newestMs[series] = timeMs;
      at.newest[series] = value;
      if (isStuck) return bits | FLAG_BIT.STUCK;
      if (bits !== 0 || rules.spikeFloor === Infinity) return bits;
      const isSpiking = spike(series, rules, value);
      remember(series, value);
      return isSpiking ? FLAG_BIT.SPIKE : 0;
    },
    resume(series, end) {
      if (series >= at.newest.length) at = grown(at, series);
      forget(series);
      const wasStuck = (end.flags & FLAG_BIT.STUCK) !== 0;
      at.newestMs[series] = end.timeMs;
      at.newest[series] = end.value;
      at.runFromMs[series] = wasStuck ? -Infinity : end.timeMs;
      at.runValues[series] = wasStuck ? RUN_VALUES_MIN : 1;
    },
  };
}
