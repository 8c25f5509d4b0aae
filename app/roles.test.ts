import { AppError } from '@greencity/platform/errors';
import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from './config.ts';
import { ALL_ROLES, checkRoles, ROLES, rolesNamed } from './roles.ts';

const SECRET = 'x'.repeat(32);
const URLS = {
  DEVICES_URL: 'http://devices:4001',
  MEASUREMENTS_URL: 'http://measurements:4001/',
  ALERTS_URL: 'http://alerts:4001',
  PREDICTIONS_URL: 'http://predictions:4001',
};

function mistakes(names: readonly string[], environment: Record<string, string> = {}): string {
  try {
    checkRoles(rolesNamed(names), readConfig(environment));
  } catch (error) {
    if (error instanceof AppError && error.code === 'BAD_SETTING') return error.subject;
    throw error;
  }
  return '';
}

/** As if shared engines were named that hold these. */
function sharing(...engines: readonly ('eventLog' | 'documents' | 'pubSub')[]): Config {
  const config = readConfig({ GATEWAY_SECRET: SECRET });
  return { ...config, ...Object.fromEntries(engines.map((engine) => [engine, { kind: 'shared' }])) } as Config;
}

describe('the roles of a process', () => {
  it('are all of them when none is named', () => {
    expect(rolesNamed([])).toBe(ALL_ROLES);
    expect([...ALL_ROLES]).toEqual(ROLES);
    expect(mistakes([])).toBe('');
  });

  it('are known by name', () => {
    expect(() => rolesNamed(['gateway', 'kitchen'])).toThrow('"kitchen" is no role');
  });

  it('may share embedded engines within one process', () => {
    const data = ['ingest', 'devices', 'measurements', 'alerts', 'predictions'];
    expect(mistakes(data, { GATEWAY_SECRET: SECRET })).toBe('');
    expect(mistakes(['gateway'], { GATEWAY_SECRET: SECRET, ...URLS })).toBe('');
  });

  it('need shared engines for what others use as well', () => {
    expect(mistakes(['ingest'])).toContain('KAFKA_BROKERS');
    expect(mistakes(['devices'], { GATEWAY_SECRET: SECRET })).toMatch(/KAFKA_BROKERS.*MONGODB_URI.*REDIS_URL/);
    expect(mistakes(['predictions'], { GATEWAY_SECRET: SECRET })).not.toContain('MONGODB_URI');
    expect(() => checkRoles(rolesNamed(['alerts']), sharing('eventLog', 'documents'))).toThrow('REDIS_URL');
    expect(() => checkRoles(rolesNamed(['alerts']), sharing('eventLog', 'documents', 'pubSub'))).not.toThrow();
  });

  it('may keep what they alone use', () => {
    expect(() => checkRoles(rolesNamed(['measurements']), sharing('eventLog', 'pubSub', 'documents'))).not.toThrow();
  });

  it('sign what they ask of each other', () => {
    expect(mistakes(['gateway'], URLS)).toContain('GATEWAY_SECRET_FILE');
    expect(mistakes(['gateway', 'devices', 'alerts', 'measurements', 'predictions', 'ingest'])).toBe('');
  });

  it('are told where the others are', () => {
    const { ALERTS_URL: _, ...others } = URLS;
    expect(mistakes(['gateway'], { GATEWAY_SECRET: SECRET, ...others })).toBe('ALERTS_URL must say where alerts is');
  });
});

describe('the settings of several processes', () => {
  it('are addresses and a secret that cannot be guessed', () => {
    const { distributed } = readConfig({ ...URLS, GATEWAY_SECRET: `${SECRET}\n${SECRET}y` });
    expect(distributed.subgraphUrls).toEqual({
      devices: 'http://devices:4001',
      measurements: 'http://measurements:4001',
      alerts: 'http://alerts:4001',
      predictions: 'http://predictions:4001',
    });
    expect(distributed.secrets).toHaveLength(2);
    expect(() => readConfig({ DEVICES_URL: 'devices:4001' })).toThrow('DEVICES_URL must be as http://host:port');
    expect(() => readConfig({ GATEWAY_SECRET: 'short' })).toThrow('GATEWAY_SECRET');
    expect(() => readConfig({ GATEWAY_SECRET: 'short' })).not.toThrow('short,');
  });
});
