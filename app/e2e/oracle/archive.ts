/**
 * What a Sensor.Community file says, read without a line of GreenCity: the end-to-end test of the replay compares the platform with this.
 * Nothing in this folder imports anything of the platform; where both say the same number, they came to it by different ways.
 */

export type Metric = 'PM10' | 'PM2_5' | 'TEMPERATURE' | 'HUMIDITY' | 'PRESSURE';

/** One value of a device, in the unit that the platform gives it in. */
export interface Value {
  readonly device: string;
  readonly metric: Metric;
  /** Unix ms. */
  readonly timeMs: number;
  readonly value: number;
}

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** A file, counted. */
export interface Archive {
  readonly places: ReadonlyMap<string, Place>;
  /** Each value once, in the order of the file. */
  readonly values: readonly Value[];
  /** Values that no instrument of the kind can give. */
  readonly impossible: readonly Value[];
  /** Cells with the same value for a device, metric and time that were there before. */
  readonly repeated: number;
  /** Cells with another value for a device, metric and time that were there before. */
  readonly contradicting: number;
}

/** Column, metric, what it can be at all, and the power of ten that its number has to be moved by: the archive gives pascals. */
const CELLS: readonly (readonly [column: string, metric: Metric, low: number, high: number, shift: number])[] = [
  ['P1', 'PM10', 0, 10_000, 0],
  ['P2', 'PM2_5', 0, 10_000, 0],
  ['temperature', 'TEMPERATURE', -100, 150, 0],
  ['humidity', 'HUMIDITY', 0, 110, 0],
  ['pressure', 'PRESSURE', 0, 2_000, -2],
];

/** `2019-05-01T00:00:05` as Unix ms: the archive is in UTC. */
function timeOf(text: string): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = text.split(/[-T: ]/).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Reads the text of a comma-separated file of the archive. Rows of another width and cells that are empty or no number are passed over. */
export function readArchive(text: string): Archive {
  const [header = '', ...lines] = text.trim().split('\n');
  const names = header.split(',');
  const places = new Map<string, Place>();
  const found = new Map<string, Value>();
  const impossible: Value[] = [];
  let repeated = 0;
  let contradicting = 0;
  for (const line of lines) {
    const row = line.split(',');
    if (row.length !== names.length) continue;
    const cells = new Map(row.map((cell, index) => [names[index], cell]));
    const device = `sc-${cells.get('location')}`;
    const timeMs = timeOf(cells.get('timestamp') ?? '');
    for (const [column, metric, low, high, shift] of CELLS) {
      const value = Number(`${cells.get(column) || 'nothing'}e${shift}`);
      if (!Number.isFinite(value)) continue;
      places.set(device, { latitude: Number(cells.get('lat')), longitude: Number(cells.get('lon')) });
      const one: Value = { device, metric, timeMs, value };
      const key = `${device} ${metric} ${timeMs}`;
      if (value < low || value > high) impossible.push(one);
      else if (!found.has(key)) found.set(key, one);
      else if (found.get(key)?.value === value) repeated += 1;
      else contradicting += 1;
    }
  }
  return { places, values: [...found.values()], impossible, repeated, contradicting };
}
