/** What GreenCity measures: the metric's name in GraphQL, in a device's message, its unit and the ranges that judge a value. */

export const METRICS = [
  'PM1',
  'PM2_5',
  'PM10',
  'CO2',
  'TEMPERATURE',
  'HUMIDITY',
  'PRESSURE',
  'NO2',
  'O3',
  'SO2',
  'CO',
  'NOISE',
  'BATTERY_VOLTAGE',
  'BATTERY_PERCENT',
  'SOLAR_POWER',
  'SIGNAL_STRENGTH',
] as const;

export type Metric = (typeof METRICS)[number];

/**
 * A value outside `possible` cannot be a measurement of this metric at all and is refused. A value outside `plausible`
 * is kept and flagged OUT_OF_RANGE: the sensor said so, but neither the sensor nor outdoor air reaches it.
 * Both ends belong to the range; the unit is the metric's.
 */
export interface MetricDefinition {
  readonly metric: Metric;
  /** Name in a device's message, as in `{"values":{"pm2_5":12.4}}`. */
  readonly key: string;
  readonly unit: string;
  readonly possible: readonly [low: number, high: number];
  readonly plausible: readonly [low: number, high: number];
}

function define(
  metric: Metric,
  unit: string,
  possible: readonly [number, number],
  plausible: readonly [number, number],
): MetricDefinition {
  return { metric, key: metric.toLowerCase(), unit, possible, plausible };
}

/** Ranges: SDS011, MH-Z19B and DHT22 data sheets where a sensor sets them (reference sensors reach less), else physics. */
const DEFINITIONS: Readonly<Record<Metric, MetricDefinition>> = {
  PM1: define('PM1', 'µg/m³', [0, 10_000], [0, 999.9]),
  PM2_5: define('PM2_5', 'µg/m³', [0, 10_000], [0, 999.9]),
  PM10: define('PM10', 'µg/m³', [0, 10_000], [0, 999.9]),
  CO2: define('CO2', 'ppm', [0, 100_000], [300, 10_000]),
  TEMPERATURE: define('TEMPERATURE', '°C', [-100, 150], [-40, 60]),
  HUMIDITY: define('HUMIDITY', '%', [0, 110], [0, 100]),
  PRESSURE: define('PRESSURE', 'hPa', [0, 2_000], [500, 1_100]),
  NO2: define('NO2', 'ppb', [0, 100_000], [0, 2_049]),
  O3: define('O3', 'ppb', [0, 100_000], [0, 604]),
  SO2: define('SO2', 'ppb', [0, 100_000], [0, 1_004]),
  CO: define('CO', 'ppb', [0, 10_000_000], [0, 50_400]),
  NOISE: define('NOISE', 'dB(A)', [0, 200], [20, 140]),
  BATTERY_VOLTAGE: define('BATTERY_VOLTAGE', 'V', [0, 100], [2.5, 15]),
  BATTERY_PERCENT: define('BATTERY_PERCENT', '%', [0, 110], [0, 100]),
  SOLAR_POWER: define('SOLAR_POWER', 'W', [0, 1_000], [0, 100]),
  SIGNAL_STRENGTH: define('SIGNAL_STRENGTH', 'dBm', [-200, 50], [-150, 0]),
};

const BY_KEY: ReadonlyMap<string, MetricDefinition> = new Map(
  METRICS.map((metric) => [DEFINITIONS[metric].key, DEFINITIONS[metric]]),
);

/** Definition of a metric. */
export function metricDefinition(metric: Metric): MetricDefinition {
  return DEFINITIONS[metric];
}

/** Definition by the name in a device's message (`pm2_5`), or undefined for a name we do not know. */
export function metricByKey(key: string): MetricDefinition | undefined {
  return BY_KEY.get(key);
}
