import { METRICS, type Metric, metricDefinition } from '@greencity/air/metric';
import { DAY_MS, HOUR_MS } from '@greencity/air/time';

/** What quality control expects of one metric. All values in the metric's unit. */
export interface MetricRules {
  /** Values outside are flagged OUT_OF_RANGE; both ends belong to the range. */
  readonly low: number;
  readonly high: number;
  /** A run of equal values that lasts longer is STUCK; Infinity where equal values prove nothing. */
  readonly stuckAfterMs: number;
  /** The same for values that legitimately stay: `resting` says which. */
  readonly restingAfterMs: number;
  readonly resting: (value: number) => boolean;
  /** A SPIKE is at least this far from the median of the values before it; Infinity where the metric jumps by nature. */
  readonly spikeFloor: number;
  /** And at least this share of that median. */
  readonly spikeShare: number;
}

type Judged = Partial<Omit<MetricRules, 'high'>>;

const NEVER = (): boolean => false;

/** Some particle sensors (Plantower) give whole numbers, which in clean air stay the same for hours; an SDS011 gives tenths. */
const CLEAN_WHOLE_UG_M3_MAX = 10;
const wholeAndClean = (value: number): boolean => value <= CLEAN_WHOLE_UG_M3_MAX && Number.isInteger(value);

/** A hygrometer in rain or fog rightly shows its ceiling (99.9 or 100 %) for many hours. */
const SATURATED_PERCENT_MIN = 99;
const saturated = (value: number): boolean => value >= SATURATED_PERCENT_MIN;

const PARTICLES: Judged = {
  stuckAfterMs: HOUR_MS,
  restingAfterMs: 12 * HOUR_MS,
  resting: wholeAndClean,
  spikeFloor: 15,
  spikeShare: 1,
};
const GAS: Judged = { stuckAfterMs: 12 * HOUR_MS, spikeFloor: 50, spikeShare: 1 };

/**
 * Where each number comes from: README.md, section "Flags". Battery, panel and radio are not judged for STUCK:
 * a full battery on mains, a panel at night and a fixed radio link rightly stay as they are.
 */
const JUDGED: Readonly<Record<Metric, Judged>> = {
  PM1: PARTICLES,
  PM2_5: PARTICLES,
  PM10: { ...PARTICLES, spikeFloor: 30 },
  CO2: { stuckAfterMs: 12 * HOUR_MS, spikeFloor: 400 },
  TEMPERATURE: { stuckAfterMs: 12 * HOUR_MS, spikeFloor: 8 },
  // No air on earth is at 0 %: a broken capacitive sensor is. The DHT22 resolves 0.1 %.
  HUMIDITY: {
    low: 0.1,
    stuckAfterMs: 6 * HOUR_MS,
    restingAfterMs: DAY_MS,
    resting: saturated,
    spikeFloor: 25,
  },
  PRESSURE: { stuckAfterMs: DAY_MS, spikeFloor: 5 },
  NO2: GAS,
  O3: GAS,
  SO2: { ...GAS, stuckAfterMs: DAY_MS },
  CO: { ...GAS, spikeFloor: 2_000 },
  NOISE: { stuckAfterMs: 12 * HOUR_MS },
  BATTERY_VOLTAGE: {},
  BATTERY_PERCENT: {},
  SOLAR_POWER: {},
  SIGNAL_STRENGTH: {},
};

function rulesOf(metric: Metric): MetricRules {
  const [low, high] = metricDefinition(metric).plausible;
  return {
    low,
    high,
    stuckAfterMs: Infinity,
    restingAfterMs: Infinity,
    resting: NEVER,
    spikeFloor: Infinity,
    spikeShare: 0,
    ...JUDGED[metric],
  };
}

/** Rules by place in METRICS. */
export const RULES: readonly MetricRules[] = METRICS.map(rulesOf);
