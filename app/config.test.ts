import { AppError } from '@greencity/platform/errors';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

function mistakesOf(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof AppError && error.code === 'BAD_SETTING') return error.subject;
    throw error;
  }
  throw new Error('expected BAD_SETTING');
}

describe('the settings', () => {
  it('have a value each when the environment is empty', () => {
    const config = readConfig({});
    expect(config.http).toEqual({ host: '127.0.0.1', port: 4000 });
    expect(config.mqtt.port).toBe(1883);
    expect(config.demo.enabled).toBe(true);
    expect(config.retention.rawMs).toBe(30 * 86_400_000);
  });

  it('report every mistake in one error', () => {
    const mistakes = mistakesOf({
      PORT: 'eighty',
      MQTT_PORT: '70000',
      DEMO: 'perhaps',
      ACCEPT_AGE_DAYS: '-1',
      ADMIN_PASSWORD: 'short',
    });
    for (const name of ['PORT', 'MQTT_PORT', 'DEMO', 'ACCEPT_AGE_DAYS', 'ADMIN_PASSWORD'])
      expect(mistakes).toContain(`${name} must`);
  });

  it('never print the password that was refused', () => {
    expect(mistakesOf({ ADMIN_PASSWORD: 'hunter2' })).not.toContain('hunter2');
  });

  it('refuse an engine that this version does not drive instead of ignoring it', () => {
    expect(mistakesOf({ KAFKA_BROKERS: 'localhost:9092' })).toContain('KAFKA_BROKERS');
  });

  it('refuse roll-ups that end before the raw values do', () => {
    expect(mistakesOf({ RETENTION_RAW_DAYS: '60', RETENTION_ROLLUP_DAYS: '59' })).toContain('RETENTION_ROLLUP_DAYS');
  });

  it('take an empty variable as unset', () => {
    expect(readConfig({ PORT: '' }).http.port).toBe(4000);
  });
});
