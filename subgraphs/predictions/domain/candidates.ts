/** The models that compete for each hour ahead. */
import { DAY_MS, HOUR_MS } from '@greencity/air/time';
import { FEATURES, type FeatureTable, seasonalHour } from './features.ts';
import { fitRidge } from './ridge.ts';

/** Named with their version, as shown to clients. The simplest first: it wins a tie. */
export const CANDIDATES = ['persistence/1', 'seasonal-naive/1', 'climatology/1', 'ridge/1'] as const;
export type Candidate = (typeof CANDIDATES)[number];

/** Forecast of the hour `origin + horizon` made at the end of hour `origin`, on the model's scale. */
export type Predictor = (origin: number) => number;

const DAY_HOURS = 24;
const CLIMATE_DAYS = 28;
const CLIMATE_HOURS_MIN = 72;
const RIDGE_ROWS_MIN = 150;
/** More rows than this are thinned out: they cost time and change nothing. */
const RIDGE_ROWS_MAX = 3_000;
const RIDGE_PENALTY_PER_ROW = 0.01;

export interface Past {
  readonly table: FeatureTable;
  /** As observed, gaps not filled, on the model's scale. */
  readonly observed: Float64Array;
  readonly startMs: number;
}

/** The candidates for one horizon, trained on the hours before `endHour` alone; those with too little to train on are left out. */
export function trainCandidates(past: Past, horizon: number, endHour: number): ReadonlyMap<Candidate, Predictor> {
  const { filled } = past.table;
  const last = (origin: number) => filled[origin] as number;
  const trained = new Map<Candidate, Predictor>([['persistence/1', last]]);
  trained.set('seasonal-naive/1', (origin) => {
    const value = filled[seasonalHour(origin, horizon, DAY_HOURS)];
    return value === undefined || Number.isNaN(value) ? last(origin) : value;
  });
  const climate = climatology(past, endHour);
  if (climate)
    trained.set('climatology/1', (origin) => climate[hourOfDay(past.startMs, origin + horizon)] ?? last(origin));
  const ridge = ridgeOf(past, horizon, endHour);
  if (ridge) trained.set('ridge/1', ridge);
  return trained;
}

function hourOfDay(startMs: number, hour: number): number {
  return ((((startMs + hour * HOUR_MS) % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS;
}

/** Mean of each hour of the day over the last weeks; undefined entries for hours that were never seen. */
function climatology({ observed, startMs }: Past, endHour: number): readonly (number | undefined)[] | undefined {
  const sums = new Float64Array(DAY_HOURS);
  const counts = new Float64Array(DAY_HOURS);
  for (let hour = Math.max(0, endHour - CLIMATE_DAYS * DAY_HOURS); hour < endHour; hour += 1) {
    const value = observed[hour] as number;
    if (Number.isNaN(value)) continue;
    const slot = Math.floor(hourOfDay(startMs, hour));
    sums[slot] = (sums[slot] as number) + value;
    counts[slot] = (counts[slot] as number) + 1;
  }
  if (counts.reduce((sum, count) => sum + count, 0) < CLIMATE_HOURS_MIN) return undefined;
  return Array.from(sums, (sum, slot) => (counts[slot] ? sum / (counts[slot] as number) : undefined));
}

function ridgeOf({ table, observed }: Past, horizon: number, endHour: number): Predictor | undefined {
  const origins: number[] = [];
  for (let origin = 0; origin + horizon < endHour; origin += 1) {
    if (!Number.isNaN(table.filled[origin]) && !Number.isNaN(observed[origin + horizon])) origins.push(origin);
  }
  const stride = Math.ceil(origins.length / RIDGE_ROWS_MAX);
  const rows = stride > 1 ? origins.filter((_, index) => index % stride === 0) : origins;
  if (rows.length < RIDGE_ROWS_MIN) return undefined;
  const features = new Float64Array(rows.length * FEATURES);
  const targets = new Float64Array(rows.length);
  rows.forEach((origin, index) => {
    table.write(origin, horizon, features.subarray(index * FEATURES, (index + 1) * FEATURES));
    targets[index] = observed[origin + horizon] as number;
  });
  const model = fitRidge({ width: FEATURES, features, targets }, RIDGE_PENALTY_PER_ROW);
  if (!model) return undefined;
  const row = new Float64Array(FEATURES);
  return (origin) => {
    table.write(origin, horizon, row);
    return model.predict(row);
  };
}
