/** Rows of a Sensor.Community CSV: comma or semicolon, columns by name, one sensor's reading each. */

/** One row with at least one usable value. */
export interface Row {
  readonly sensorId: string;
  /** As in SDS011. */
  readonly sensorType: string;
  /** The archive's id of the place; sensors at one place are one device. */
  readonly location: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly timeMs: number;
  /** By message key, in the metric's unit. */
  readonly values: Readonly<Record<string, number>>;
  /** Values of the row that are no numbers; the others are taken. */
  readonly notNumbers: number;
}

/** Why a row is passed over. */
export const SKIP_REASONS = [
  'EMPTY_LINE',
  'WRONG_NUMBER_OF_COLUMNS',
  'BAD_TIME',
  'BAD_PLACE',
  'NO_SENSOR',
  'NO_VALUES',
  'NOT_A_NUMBER',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export type ParsedRow =
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'skipped'; readonly reason: SkipReason };

export type RowParser = (line: string) => ParsedRow;

/** The file is not what the tool reads. */
export class FormatError extends Error {
  readonly code = 'BAD_FILE';
}

interface Column {
  readonly key: string;
  readonly convert: (value: number) => number;
}

const same = (value: number) => value;
/** The archive gives pascals; powers of ten are divided so that no binary fraction shows. */
const hectopascals = (pascals: number) => Number((pascals / 100).toFixed(4));

/** Value columns of the archive. P1 is PM10 and P2 is PM2.5; P0 is PM1 where a sensor has it. Durations and ratios of the SDS011 are not measurements. */
const VALUE_COLUMNS: Readonly<Record<string, Column>> = {
  P0: { key: 'pm1', convert: same },
  P1: { key: 'pm10', convert: same },
  P2: { key: 'pm2_5', convert: same },
  temperature: { key: 'temperature', convert: same },
  humidity: { key: 'humidity', convert: same },
  pressure: { key: 'pressure', convert: hectopascals },
  noise_LAeq: { key: 'noise', convert: same },
};
const NEEDED = ['sensor_id', 'sensor_type', 'location', 'lat', 'lon', 'timestamp'] as const;
const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/;

/** A time of the archive as Unix ms, or NaN. One without a zone is UTC. */
export function archiveTimeMs(text: string): number {
  const found = TIME.exec(text);
  if (!found) return Number.NaN;
  const [, date, time, fraction = '', zone = 'Z'] = found;
  return Date.parse(`${date}T${time}${fraction.slice(0, 4)}${zone}`);
}

function cells(line: string, separator: string): readonly string[] {
  const parts = line.split(separator);
  return line.includes('"') ? parts.map((part) => part.replace(/^"(.*)"$/, '$1')) : parts;
}

/** A parser for the rows below a header. @throws FormatError when columns are missing */
export function rowParser(header: string): RowParser {
  const line = header.replace(/^\uFEFF/, '').trimEnd();
  const separator = line.includes(';') ? ';' : ',';
  const names = cells(line, separator).map((name) => name.trim());
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new FormatError(`This is no Sensor.Community CSV: its first line lacks the columns ${missing.join(', ')}.`);
  }
  const at = Object.fromEntries(NEEDED.map((name) => [name, names.indexOf(name)])) as Record<
    (typeof NEEDED)[number],
    number
  >;
  const columns = names.flatMap((name, index) => {
    const column = VALUE_COLUMNS[name];
    return column ? [{ ...column, index }] : [];
  });
  if (columns.length === 0)
    throw new FormatError('This CSV has no column of values (P1, P2, temperature, humidity, pressure).');
  return (text) => parseRow(text.trimEnd(), { separator, width: names.length, at, columns });
}

interface Layout {
  readonly separator: string;
  readonly width: number;
  readonly at: Readonly<Record<(typeof NEEDED)[number], number>>;
  readonly columns: readonly (Column & { readonly index: number })[];
}

const skipped = (reason: SkipReason): ParsedRow => ({ kind: 'skipped', reason });

function parseRow(line: string, { separator, width, at, columns }: Layout): ParsedRow {
  if (line === '') return skipped('EMPTY_LINE');
  const row = cells(line, separator);
  if (row.length !== width) return skipped('WRONG_NUMBER_OF_COLUMNS');
  const cell = (name: (typeof NEEDED)[number]) => row[at[name]] ?? '';
  const timeMs = archiveTimeMs(cell('timestamp'));
  if (Number.isNaN(timeMs)) return skipped('BAD_TIME');
  const [latitude, longitude] = [degrees(cell('lat'), 90), degrees(cell('lon'), 180)];
  if (latitude === undefined || longitude === undefined) return skipped('BAD_PLACE');
  const [sensorId, sensorType, location] = [cell('sensor_id'), cell('sensor_type'), cell('location')];
  if (sensorId === '' || sensorType === '' || location === '') return skipped('NO_SENSOR');
  const values: Record<string, number> = {};
  let notNumbers = 0;
  for (const { key, convert, index } of columns) {
    const text = row[index]?.trim() ?? '';
    if (text === '') continue;
    const value = Number(text);
    if (Number.isFinite(value)) values[key] = convert(value);
    else notNumbers += 1;
  }
  if (Object.keys(values).length === 0) return skipped(notNumbers > 0 ? 'NOT_A_NUMBER' : 'NO_VALUES');
  return { kind: 'row', row: { sensorId, sensorType, location, latitude, longitude, timeMs, values, notNumbers } };
}

function degrees(text: string, limit: number): number | undefined {
  const value = Number(text);
  return text.trim() !== '' && Math.abs(value) <= limit ? value : undefined;
}
