/** Finds faults in one device's values of one metric as they come in, by what came before and by the devices around: nothing is known of what comes after. */
import type { Metric } from '@greencity/air/metric';
import { MINUTE_MS } from '@greencity/air/time';
import { type Anomaly, type AnomalyKind, scoreOf } from './anomaly.ts';
import { robustZ } from './robust.ts';

/** What is remembered of a series between values. Plain JSON, so that it can be kept across restarts. */
export interface SeriesMemory {
  lastMs: number;
  lastValue: number;
  /** Values equal to the last in a row, and when the first of them was. */
  runCount: number;
  runFromMs: number;
  /** Usual time between values. */
  intervalMs: number;
  /** Start of a gap that was told while it lasted. */
  gapFromMs: number | undefined;
  /** Running mean. */
  level: number;
  /** Samples of the last hours, the oldest first, and how far each lay above the devices around. */
  sampledMs: number;
  samples: number[];
  residuals: number[];
  /** Values in a row that were far from those around them. */
  farCount: number;
  spikeFromMs: number | undefined;
  /** Values in a row that lay above the devices around in humid air, and since when. */
  soakedCount: number;
  soakedMs: number;
  humidFromMs: number;
  humidScore: number;
}

/** One value, with what stood around it. */
export interface Observation {
  readonly timeMs: number;
  readonly value: number;
  /** Relative humidity at the device, where it is measured. */
  readonly humidity: number | undefined;
  /** Median of the devices around at about this time; asked for only when needed. Undefined where there are too few. */
  readonly around: () => number | undefined;
}

/** Takes what was found. A fault is told again when it goes on or ends; kind and start name it. */
export interface Findings {
  found(anomaly: Anomaly): void;
  /** What was told of a gap is not so: values came late. */
  withdrawn(kind: AnomalyKind, fromMs: number): void;
}

const GAP_MS = 60 * MINUTE_MS;
const GAP_INTERVALS = 6;
const STUCK_VALUES = 9;
const STUCK_MS = 60 * MINUTE_MS;
const SPIKE_SIGMAS = 8;
const HUMID_SIGMAS = 6;
const HUMID_PERCENT = 80;
const HUMID_VALUES_MIN = 6;
const HUMID_MS = 60 * MINUTE_MS;
/** Particles may fall back to the usual this long without the fault being over. */
const HUMID_PAUSE_MS = 60 * MINUTE_MS;
/** More values in a row than this are no spike but a change. */
const SPIKE_VALUES_MAX = 3;
/** A sample is kept this often at most, so that the memory spans hours whatever the rate. */
const SAMPLE_INTERVAL_MS = 5 * MINUTE_MS;
const SAMPLES_MAX = 72;
const SAMPLES_MIN = 12;
const LEVEL_WEIGHT = 0.2;
const INTERVAL_WEIGHT = 0.1;
/** A value this many times the smallest deviation from the level is worth a closer look; the rest are passed at once. */
const LOOK_CLOSER = 3;

const PARTICLES: ReadonlySet<Metric> = new Set(['PM1', 'PM2_5', 'PM10']);
/** What changes by nature from one value to the next, or hardly at all, is looked at for gaps alone. */
const STEADY: ReadonlySet<Metric> = new Set([
  'PRESSURE',
  'BATTERY_VOLTAGE',
  'BATTERY_PERCENT',
  'SOLAR_POWER',
  'SIGNAL_STRENGTH',
]);
const LIVELY: ReadonlySet<Metric> = new Set(['NOISE']);

/** What counts as one standard deviation at least, in the metric's unit: what sensors of its kind differ by from value to value. */
const DEVIATION_MIN: Readonly<Partial<Record<Metric, number>>> = { HUMIDITY: 2, CO2: 10, CO: 50 };
const DEVIATION_MIN_ELSE = 1.5;

/** Memory after the first value of a series. */
export function firstMemory(timeMs: number, value: number): SeriesMemory {
  return {
    lastMs: timeMs,
    lastValue: value,
    runCount: 1,
    runFromMs: timeMs,
    intervalMs: 0,
    gapFromMs: undefined,
    level: value,
    sampledMs: timeMs,
    samples: [],
    residuals: [],
    farCount: 0,
    spikeFromMs: undefined,
    soakedCount: 0,
    soakedMs: timeMs,
    humidFromMs: timeMs,
    humidScore: 0,
  };
}

/** How long a series may be silent before it is a gap. */
export function gapLimitMs({ intervalMs }: SeriesMemory): number {
  return Math.max(GAP_MS, GAP_INTERVALS * intervalMs);
}

/** Looks at one value, newer than all before it, and remembers it. A value from before the last is late: pass it to `observeLate`. */
export function observe(memory: SeriesMemory, metric: Metric, observation: Observation, findings: Findings): void {
  closeGap(memory, observation.timeMs, findings);
  if (!STEADY.has(metric)) {
    watchRun(memory, observation, findings);
    if (!LIVELY.has(metric)) watchLevel(memory, metric, observation, findings);
  }
  const sinceMs = observation.timeMs - memory.lastMs;
  if (sinceMs <= gapLimitMs(memory))
    memory.intervalMs =
      memory.intervalMs === 0 ? sinceMs : memory.intervalMs + INTERVAL_WEIGHT * (sinceMs - memory.intervalMs);
  memory.lastMs = observation.timeMs;
  memory.lastValue = observation.value;
}

/** Tells a gap that has not ended yet. To be called as time passes. */
export function watchSilence(memory: SeriesMemory, nowMs: number, findings: Findings): void {
  const silentMs = nowMs - memory.lastMs;
  if (memory.gapFromMs !== undefined || silentMs <= gapLimitMs(memory)) return;
  memory.gapFromMs = memory.lastMs;
  findings.found({ kind: 'GAP', fromMs: memory.lastMs, toMs: undefined, score: scoreOf(silentMs, gapLimitMs(memory)) });
}

function closeGap(memory: SeriesMemory, timeMs: number, findings: Findings): void {
  const silentMs = timeMs - memory.lastMs;
  const limitMs = gapLimitMs(memory);
  if (silentMs > limitMs)
    findings.found({ kind: 'GAP', fromMs: memory.lastMs, toMs: timeMs, score: scoreOf(silentMs, limitMs) });
  else if (memory.gapFromMs !== undefined) findings.withdrawn('GAP', memory.gapFromMs);
  memory.gapFromMs = undefined;
}

function watchRun(memory: SeriesMemory, { timeMs, value }: Observation, findings: Findings): void {
  if (value !== memory.lastValue) {
    if (isStuck(memory, memory.lastMs)) findings.found(stuck(memory, memory.lastMs, memory.lastMs));
    memory.runCount = 1;
    memory.runFromMs = timeMs;
    return;
  }
  memory.runCount += 1;
  // Told when it is first known, and again when it ends: in between only its end would change.
  if (isStuck(memory, timeMs) && !(memory.runCount > STUCK_VALUES && memory.lastMs - memory.runFromMs >= STUCK_MS))
    findings.found(stuck(memory, timeMs, undefined));
}

function isStuck({ runCount, runFromMs }: SeriesMemory, untilMs: number): boolean {
  return runCount >= STUCK_VALUES && untilMs - runFromMs >= STUCK_MS;
}

function stuck({ runFromMs, runCount }: SeriesMemory, untilMs: number, toMs: number | undefined): Anomaly {
  const times = Math.min(runCount / STUCK_VALUES, (untilMs - runFromMs) / STUCK_MS);
  return { kind: 'STUCK', fromMs: runFromMs, toMs, score: scoreOf(times, 1) };
}

/** Spikes, and particles that follow humidity. */
function watchLevel(memory: SeriesMemory, metric: Metric, observation: Observation, findings: Findings): void {
  const { timeMs, value, humidity } = observation;
  const smallest = DEVIATION_MIN[metric] ?? DEVIATION_MIN_ELSE;
  const sampling = timeMs - memory.sampledMs >= SAMPLE_INTERVAL_MS;
  const odd = Math.abs(value - memory.level) > LOOK_CLOSER * smallest;
  const humid = PARTICLES.has(metric) && humidity !== undefined && humidity > HUMID_PERCENT;
  if (!sampling && !odd) {
    memory.farCount = 0;
    endSpike(memory);
    return;
  }
  const around = observation.around();
  const residual = around === undefined ? undefined : value - around;
  // Nearly every value is like those before it; working out by how much is left to those that are not.
  const z = odd ? deviationOf(memory, { value, residual, smallest }) : undefined;
  const far = odd && z !== undefined && Math.abs(z) > SPIKE_SIGMAS;
  const soaked = humid && residual !== undefined && z !== undefined && z > HUMID_SIGMAS;
  memory.farCount = far ? memory.farCount + 1 : 0;
  if (timeMs - memory.soakedMs > HUMID_PAUSE_MS) memory.soakedCount = 0;
  if (far && memory.farCount <= SPIKE_VALUES_MAX && memory.soakedCount < SPIKE_VALUES_MAX)
    spike(memory, timeMs, z, findings);
  else endSpike(memory);
  if (soaked) soak(memory, timeMs, z, findings);
  if (!sampling) return;
  memory.sampledMs = timeMs;
  // What is told as a fault is no part of the usual, unless it stays.
  if (soaked || (far && memory.farCount <= SPIKE_VALUES_MAX)) return;
  memory.level += LEVEL_WEIGHT * (value - memory.level);
  push(memory.samples, value);
  if (residual !== undefined) push(memory.residuals, residual);
}

/** Against the devices around where there are enough samples of that, else against the series' own past. */
function deviationOf(
  { samples, residuals }: SeriesMemory,
  {
    value,
    residual,
    smallest,
  }: { readonly value: number; readonly residual: number | undefined; readonly smallest: number },
): number | undefined {
  if (residual !== undefined && residuals.length >= SAMPLES_MIN) return robustZ(residual, residuals, smallest);
  return samples.length >= SAMPLES_MIN ? robustZ(value, samples, smallest) : undefined;
}

function spike(memory: SeriesMemory, timeMs: number, z: number, findings: Findings): void {
  memory.spikeFromMs ??= timeMs;
  findings.found({
    kind: 'SPIKE',
    fromMs: memory.spikeFromMs,
    toMs: timeMs,
    score: scoreOf(Math.abs(z), SPIKE_SIGMAS),
  });
}

function endSpike(memory: SeriesMemory): void {
  memory.spikeFromMs = undefined;
}

/** One value is a spike; only when the next ones go with it is it humidity, and the spike was none. */
function soak(memory: SeriesMemory, timeMs: number, z: number, findings: Findings): void {
  if (memory.soakedCount === 0) {
    memory.humidFromMs = timeMs;
    memory.humidScore = 0;
  }
  memory.soakedCount += 1;
  memory.soakedMs = timeMs;
  memory.humidScore = Math.max(memory.humidScore, scoreOf(z, HUMID_SIGMAS));
  if (memory.soakedCount >= SPIKE_VALUES_MAX && memory.spikeFromMs !== undefined) {
    findings.withdrawn('SPIKE', memory.spikeFromMs);
    endSpike(memory);
  }
  if (memory.soakedCount < HUMID_VALUES_MIN || timeMs - memory.humidFromMs < HUMID_MS) return;
  findings.found({ kind: 'HUMIDITY_ARTEFACT', fromMs: memory.humidFromMs, toMs: timeMs, score: memory.humidScore });
}

function push(values: number[], value: number): void {
  values.push(value);
  if (values.length > SAMPLES_MAX) values.shift();
}
