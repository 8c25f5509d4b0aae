/** A first reading of a file: which devices it holds, and from when to when. */
import { FormatError, type Row, type RowParser, rowParser, type SkipReason } from './csv.ts';

/** A device of the replay: the sensors of one place. */
export interface ReplayDevice {
  /** `sc-` and the archive's id of the place. */
  readonly id: string;
  readonly location: string;
  latitude: number;
  longitude: number;
  readonly sensors: Set<string>;
}

export interface Survey {
  readonly parse: RowParser;
  readonly devices: ReadonlyMap<string, ReplayDevice>;
  /** Rows below the header, all told. */
  readonly rows: number;
  readonly skipped: ReadonlyMap<SkipReason, number>;
  /** Values inside taken rows that are no numbers. */
  readonly valuesNotNumbers: number;
  /** Times of the earliest and latest taken row, Unix ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The furthest that a row lies before an earlier one in time; 0 for a sorted file. */
  readonly disorderMs: number;
  /** The device that a row belongs to. */
  deviceOf(row: Row): ReplayDevice;
}

/** Which device each sensor belongs to. */
function assignment() {
  const devices = new Map<string, ReplayDevice>();
  const owners = new Map<string, string>();
  const deviceBySensor = new Map<string, ReplayDevice>();

  /** The device of a sensor, by what the sensor measures and who measures it there already. */
  function place(row: Row): ReplayDevice {
    const { location, sensorId, latitude, longitude } = row;
    const claims = Object.keys(row.values).map((key) => `${location} ${key}`);
    const taken = claims.some((claim) => (owners.get(claim) ?? sensorId) !== sensorId);
    const id = taken ? `sc-${location}-${sensorId}` : `sc-${location}`;
    if (!taken) for (const claim of claims) owners.set(claim, sensorId);
    const device = devices.get(id) ?? { id, location, latitude, longitude, sensors: new Set<string>() };
    devices.set(id, device);
    return device;
  }

  function deviceOf(row: Row): ReplayDevice {
    const key = `${row.location} ${row.sensorId}`;
    const device = deviceBySensor.get(key) ?? place(row);
    deviceBySensor.set(key, device);
    return device;
  }
  return { devices, deviceOf };
}

/**
 * Reads all lines once. A place has at most one particle sensor and one climate sensor; what measures the same a second time there becomes a device
 * of its own (`sc-8320-16422`), so that two instruments are never mixed into one series.
 * @throws FormatError for a file without header or without a usable row
 */
export async function surveyLines(lines: AsyncIterable<string>): Promise<Survey> {
  const { devices, deviceOf } = assignment();
  const skipped = new Map<SkipReason, number>();
  let parse: RowParser | undefined;
  let rows = 0;
  let valuesNotNumbers = 0;
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  let disorderMs = 0;

  for await (const line of lines) {
    if (!parse) {
      parse = rowParser(line);
      continue;
    }
    rows += 1;
    const parsed = parse(line);
    if (parsed.kind === 'skipped') {
      skipped.set(parsed.reason, (skipped.get(parsed.reason) ?? 0) + 1);
      continue;
    }
    const { row } = parsed;
    const device = deviceOf(row);
    device.sensors.add(row.sensorType);
    device.latitude = row.latitude;
    device.longitude = row.longitude;
    valuesNotNumbers += row.notNumbers;
    firstMs = Math.min(firstMs, row.timeMs);
    lastMs = Math.max(lastMs, row.timeMs);
    disorderMs = Math.max(disorderMs, lastMs - row.timeMs);
  }
  if (!parse) throw new FormatError('The file is empty.');
  if (devices.size === 0) throw new FormatError('The file has a header, but no row that can be read.');
  return { parse, devices, rows, skipped, valuesNotNumbers, firstMs, lastMs, disorderMs, deviceOf };
}
