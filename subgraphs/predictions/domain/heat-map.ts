/** Values on a grid over a box, estimated from the devices in and around it. */
import { type Box, distanceM, type Place } from '@greencity/air/place';
import { inverseDistanceEstimate } from './inverse-distance.ts';
import { type Estimate, kriging } from './kriging.ts';
import { fitVariogram, variogramClasses } from './variogram.ts';

/** With fewer devices the variogram would be guessed. */
const KRIGING_DEVICES_MIN = 5;
/** More devices than this are brought together by squares: the work grows with their third power. */
const DEVICES_MAX = 150;
const SQUARES_A_SIDE = 12;
/** A place farther from every device than this many times their usual distance to each other is left blank. */
const REACH_SPACINGS = 3;
const REACH_M = [1_000, 25_000] as const;
const REACH_SINGLE_M = 2_000;

/** What a device says at the moment of the map. */
export interface Sample extends Place {
  readonly value: number;
  /** Its hourly means before that moment, the newest first, in the same hours for all samples; NaN where there is none. */
  readonly past: Float64Array;
}

export interface HeatMapInput {
  readonly box: Box;
  readonly columns: number;
  readonly rows: number;
  readonly samples: readonly Sample[];
  /** Estimates below zero are raised to it. */
  readonly nonNegative: boolean;
}

export interface HeatMapGrid {
  readonly method: 'ordinary-kriging/1' | 'inverse-distance/1';
  /** Row by row from the north-west corner, each row west to east; null where nothing can be said. */
  readonly values: readonly (number | null)[];
  readonly standardErrors: readonly (number | null)[];
}

type Estimator = (distancesM: Float64Array) => Estimate;

/** The map. Ordinary kriging from 5 devices on, its variogram fitted to the last hours; inverse distance weighting below. */
export function heatMap(input: HeatMapInput): HeatMapGrid {
  const samples = thinned(input.samples, input.box);
  const values = Float64Array.from(samples, ({ value }) => value);
  const distances = pairDistances(samples);
  const kriged = samples.length >= KRIGING_DEVICES_MIN ? krigingOf(samples, values, distances) : undefined;
  const estimate = kriged ?? ((distancesM: Float64Array) => inverseDistanceEstimate(values, distancesM));
  return {
    method: kriged ? 'ordinary-kriging/1' : 'inverse-distance/1',
    ...fillGrid(input, samples, estimate, reachM(distances, samples.length)),
  };
}

function krigingOf(samples: readonly Sample[], values: Float64Array, distances: Float64Array): Estimator | undefined {
  const hours = samples[0]?.past.length ?? 0;
  const times = [values];
  for (let hour = 0; hour < hours; hour += 1)
    times.push(Float64Array.from(samples, ({ past }) => past[hour] ?? Number.NaN));
  const variogram = fitVariogram(variogramClasses(distances, times, samples.length));
  const now = varianceOf(values);
  const usual = meanOf(times.map(varianceOf).filter((variance) => variance > 0));
  // The shape is that of the last hours, the level that of the moment: some hours are ten times as varied as others.
  const level = usual > 0 ? now / usual : 0;
  const scaled = { ...variogram, nugget: variogram.nugget * level, sill: variogram.sill * level };
  return kriging(values, distances, scaled)?.estimate;
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: Float64Array): number {
  const present = [...values].filter((value) => !Number.isNaN(value));
  const mean = meanOf(present);
  return meanOf(present.map((value) => (value - mean) ** 2));
}

function pairDistances(samples: readonly Place[]): Float64Array {
  const distances = new Float64Array(samples.length ** 2);
  samples.forEach((one, row) => {
    samples.forEach((other, column) => {
      distances[row * samples.length + column] = row === column ? 0 : distanceM(one, other);
    });
  });
  return distances;
}

/** How far from a device something can be said. */
function reachM(distances: Float64Array, count: number): number {
  if (count < 2) return REACH_SINGLE_M;
  const nearest = Array.from({ length: count }, (_, row) =>
    distances
      .subarray(row * count, (row + 1) * count)
      .reduce(
        (least, distance, column) => (column === row ? least : Math.min(least, distance)),
        Number.POSITIVE_INFINITY,
      ),
  ).sort((a, b) => a - b);
  const spacing = nearest[Math.floor(nearest.length / 2)] ?? 0;
  return Math.min(REACH_M[1], Math.max(REACH_M[0], REACH_SPACINGS * spacing));
}

function fillGrid(
  { box, columns, rows, nonNegative }: HeatMapInput,
  samples: readonly Place[],
  estimate: Estimator,
  reach: number,
): Pick<HeatMapGrid, 'values' | 'standardErrors'> {
  const values: (number | null)[] = [];
  const standardErrors: (number | null)[] = [];
  const distances = new Float64Array(samples.length);
  const width = boxWidth(box);
  for (let row = 0; row < rows; row += 1) {
    const latitude = box.north - ((row + 0.5) / rows) * (box.north - box.south);
    for (let column = 0; column < columns; column += 1) {
      const place = { latitude, longitude: box.west + ((column + 0.5) / columns) * width };
      let nearest = Number.POSITIVE_INFINITY;
      samples.forEach((sample, index) => {
        const distance = distanceM(sample, place);
        distances[index] = distance;
        if (distance < nearest) nearest = distance;
      });
      const found = nearest <= reach ? estimate(distances) : undefined;
      values.push(found ? (nonNegative ? Math.max(0, found.value) : found.value) : null);
      standardErrors.push(found && !Number.isNaN(found.standardError) ? found.standardError : null);
    }
  }
  return { values, standardErrors };
}

/** Degrees of longitude from west to east, across the antimeridian where the box does. */
function boxWidth({ west, east }: Box): number {
  return west <= east ? east - west : east - west + 360;
}

/** At most as many samples as can be worked with: where there are more, those of one square of the map become one, at their mean place. */
function thinned(samples: readonly Sample[], box: Box): readonly Sample[] {
  if (samples.length <= DEVICES_MAX) return samples;
  const squares = new Map<number, Sample[]>();
  for (const sample of samples) {
    const east = ((sample.longitude - box.west + 540) % 360) - 180;
    const column = clampSquare((east / (boxWidth(box) || 1)) * SQUARES_A_SIDE);
    const row = clampSquare(((box.north - sample.latitude) / (box.north - box.south || 1)) * SQUARES_A_SIDE);
    const square = squares.get(row * SQUARES_A_SIDE + column);
    if (square) square.push(sample);
    else squares.set(row * SQUARES_A_SIDE + column, [sample]);
  }
  return [...squares.values()].map(together);
}

function clampSquare(position: number): number {
  return Math.min(SQUARES_A_SIDE - 1, Math.max(0, Math.floor(position)));
}

function together(samples: readonly Sample[]): Sample {
  const [first] = samples;
  const origin = first?.longitude ?? 0;
  return {
    latitude: meanOf(samples.map(({ latitude }) => latitude)),
    longitude: origin + meanOf(samples.map(({ longitude }) => ((longitude - origin + 540) % 360) - 180)),
    value: meanOf(samples.map(({ value }) => value)),
    past: Float64Array.from(first?.past ?? [], (_, hour) => {
      const present = samples.map(({ past }) => past[hour] as number).filter((mean) => !Number.isNaN(mean));
      return present.length > 0 ? meanOf(present) : Number.NaN;
    }),
  };
}
