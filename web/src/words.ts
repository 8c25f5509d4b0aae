import type { Metric } from '@greencity/air/metric';

const NAMES: Readonly<Record<Metric, string>> = {
  PM1: 'PM1',
  PM2_5: 'PM2.5',
  PM10: 'PM10',
  CO2: 'CO₂',
  TEMPERATURE: 'Temperature',
  HUMIDITY: 'Humidity',
  PRESSURE: 'Pressure',
  NO2: 'NO₂',
  O3: 'Ozone',
  SO2: 'SO₂',
  CO: 'CO',
  NOISE: 'Noise',
  BATTERY_VOLTAGE: 'Battery voltage',
  BATTERY_PERCENT: 'Battery',
  SOLAR_POWER: 'Solar power',
  SIGNAL_STRENGTH: 'Signal strength',
};

/** What people call a metric. */
export function metricName(metric: Metric): string {
  return NAMES[metric];
}

const DECIMALS_MAX = 3;
const formats = new Map<string, Intl.NumberFormat>();

/** A form of numbers, made once: making one takes longer than writing a thousand numbers with it. */
export function numberFormat(options: Intl.NumberFormatOptions, locale = ''): Intl.NumberFormat {
  const key = `${locale} ${options.minimumFractionDigits} ${options.maximumFractionDigits} ${options.useGrouping}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(locale || undefined, options);
  formats.set(key, made);
  return made;
}

/** A measured number as its reader writes numbers, as the axis of the chart does. */
export function numberText(value: number, locale?: string): string {
  return numberFormat({ maximumFractionDigits: DECIMALS_MAX }, locale).format(value);
}
