import type { Metric } from '@greencity/air/metric';

/** A sensor on the market and what it measures. */
export interface SensorModel {
  /** As its maker writes it: `SDS011`. */
  readonly model: string;
  readonly metrics: readonly Metric[];
}

const PARTICLES: readonly Metric[] = ['PM1', 'PM2_5', 'PM10'];

/** Sources: the makers' data sheets. Readings that no metric of ours stands for (VOC indices, wind) are left out. */
const METRICS_BY_MODEL: Readonly<Record<string, readonly Metric[]>> = {
  SDS011: ['PM2_5', 'PM10'],
  SDS018: ['PM2_5', 'PM10'],
  SDS021: ['PM2_5', 'PM10'],
  PMS1003: PARTICLES,
  PMS3003: PARTICLES,
  PMS5003: PARTICLES,
  PMS5003T: [...PARTICLES, 'TEMPERATURE', 'HUMIDITY'],
  PMS7003: PARTICLES,
  PMSA003: PARTICLES,
  HM3301: PARTICLES,
  SPS30: PARTICLES,
  SEN54: [...PARTICLES, 'TEMPERATURE', 'HUMIDITY'],
  SEN55: [...PARTICLES, 'TEMPERATURE', 'HUMIDITY'],
  SEN66: [...PARTICLES, 'CO2', 'TEMPERATURE', 'HUMIDITY'],
  'OPC-N3': [...PARTICLES, 'TEMPERATURE', 'HUMIDITY'],
  HPM: ['PM2_5', 'PM10'],
  PPD42NS: ['PM2_5', 'PM10'],
  NEXTPM: PARTICLES,
  'IPS-7100': PARTICLES,
  DHT11: ['TEMPERATURE', 'HUMIDITY'],
  DHT22: ['TEMPERATURE', 'HUMIDITY'],
  HTU21D: ['TEMPERATURE', 'HUMIDITY'],
  SHT30: ['TEMPERATURE', 'HUMIDITY'],
  SHT31: ['TEMPERATURE', 'HUMIDITY'],
  SHT35: ['TEMPERATURE', 'HUMIDITY'],
  SHT40: ['TEMPERATURE', 'HUMIDITY'],
  SHT45: ['TEMPERATURE', 'HUMIDITY'],
  DS18B20: ['TEMPERATURE'],
  BMP180: ['TEMPERATURE', 'PRESSURE'],
  BMP280: ['TEMPERATURE', 'PRESSURE'],
  BME280: ['TEMPERATURE', 'HUMIDITY', 'PRESSURE'],
  BME680: ['TEMPERATURE', 'HUMIDITY', 'PRESSURE'],
  BME688: ['TEMPERATURE', 'HUMIDITY', 'PRESSURE'],
  'MH-Z19B': ['CO2'],
  'MH-Z19C': ['CO2'],
  SCD30: ['CO2', 'TEMPERATURE', 'HUMIDITY'],
  SCD40: ['CO2', 'TEMPERATURE', 'HUMIDITY'],
  SCD41: ['CO2', 'TEMPERATURE', 'HUMIDITY'],
  SENSEAIR_S8: ['CO2'],
  'NO2-B43F': ['NO2'],
  'OX-B431': ['O3'],
  'SO2-B4': ['SO2'],
  'CO-B4': ['CO'],
  DNMS: ['NOISE'],
  MAX17048: ['BATTERY_VOLTAGE', 'BATTERY_PERCENT'],
  INA219: ['BATTERY_VOLTAGE', 'SOLAR_POWER'],
};

const MODELS: ReadonlyMap<string, SensorModel> = new Map(
  Object.entries(METRICS_BY_MODEL).map(([model, metrics]) => [model, { model, metrics }]),
);

/** Names of every model we know, in alphabetical order. */
export const SENSOR_MODELS: readonly string[] = [...MODELS.keys()].sort();

/** The model of this name, whatever its case, or undefined for one we do not know. */
export function sensorModel(name: string): SensorModel | undefined {
  return MODELS.get(name.trim().toUpperCase());
}

/** The model of a stored device: one that has left the catalogue keeps its name and measures nothing we know. */
export function storedSensor(name: string): SensorModel {
  return sensorModel(name) ?? { model: name, metrics: [] };
}
