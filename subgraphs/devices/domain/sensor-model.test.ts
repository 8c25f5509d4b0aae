import { METRICS } from '@greencity/air/metric';
import { describe, expect, it } from 'vitest';
import { SENSOR_MODELS, sensorModel, storedSensor } from './sensor-model.ts';

describe('the catalogue of sensors', () => {
  it.each([
    ['SDS011', ['PM2_5', 'PM10']],
    ['DHT22', ['TEMPERATURE', 'HUMIDITY']],
    ['BME280', ['TEMPERATURE', 'HUMIDITY', 'PRESSURE']],
    ['MH-Z19B', ['CO2']],
  ])('knows what a %s measures', (model, metrics) => {
    expect(sensorModel(model)).toEqual({ model, metrics });
  });

  it('takes a name in any case, and none that it does not hold', () => {
    expect(sensorModel(' sds011 ')?.model).toBe('SDS011');
    expect(sensorModel('SDS999')).toBeUndefined();
    expect(sensorModel('toString')).toBeUndefined();
  });

  it('gives each model at least one metric, and none twice', () => {
    for (const name of SENSOR_MODELS) {
      const metrics = storedSensor(name).metrics;
      expect(metrics.length, name).toBeGreaterThan(0);
      expect(new Set(metrics).size, name).toBe(metrics.length);
      expect(METRICS).toEqual(expect.arrayContaining([...metrics]));
    }
  });

  it('keeps the name of a model that left it', () => {
    expect(storedSensor('SDS999')).toEqual({ model: 'SDS999', metrics: [] });
  });
});
