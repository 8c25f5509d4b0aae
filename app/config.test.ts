import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@greencity/platform/errors';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { SECRETS } from './settings/variables.ts';

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
    expect(config.mqtt).toEqual({ kind: 'embedded', host: '127.0.0.1', port: 1883 });
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
    expect(mistakesOf({ S3_ENDPOINT: 'https://s3.example' })).toContain('S3_ENDPOINT');
  });

  it('refuse roll-ups that end before the raw values do', () => {
    expect(mistakesOf({ RETENTION_RAW_DAYS: '60', RETENTION_ROLLUP_DAYS: '59' })).toContain('RETENTION_ROLLUP_DAYS');
  });

  it('take an empty variable as unset', () => {
    expect(readConfig({ PORT: '' }).http.port).toBe(4000);
  });

  it('put an engine in the place of its embedded twin where its variable is set', () => {
    expect(readConfig({})).toMatchObject({ timeSeries: { kind: 'embedded' }, documents: { kind: 'embedded' } });
    const config = readConfig({
      INFLUX_URL: 'http://influxdb:8086',
      INFLUX_ORG: 'city',
      INFLUX_TOKEN: 'secret',
      MONGODB_URI: 'mongodb://mongodb/greencity?replicaSet=rs0',
    });
    expect(config.timeSeries).toEqual({
      ...{ kind: 'influx', url: 'http://influxdb:8086', org: 'city', token: 'secret', bucket: 'greencity' },
    });
    expect(config.documents).toEqual({ kind: 'mongodb', uri: 'mongodb://mongodb/greencity?replicaSet=rs0' });
  });

  it('want all of an engine or nothing', () => {
    const half = mistakesOf({ INFLUX_URL: 'influxdb:8086', MONGODB_URI: 'mysql://root:hunter2@db' });
    for (const name of ['INFLUX_URL', 'INFLUX_ORG', 'INFLUX_TOKEN', 'MONGODB_URI'])
      expect(half).toContain(`${name} must`);
    expect(half).not.toContain('hunter2');
    expect(mistakesOf({ INFLUX_TOKEN: 'secret' })).toContain('without INFLUX_URL');
  });

  it('take each secret from a file, without its line end, and say what is wrong with the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'greencity-secrets-'));
    const file = (name: string, content: string) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    try {
      const signing = readConfig({ GATEWAY_SECRET_FILE: file('signing', `${'s'.repeat(40)}\n`) });
      expect(signing.distributed.secrets).toHaveLength(1);
      expect(JSON.stringify(signing), 'a key is not printed').not.toContain('sss');
      for (const name of SECRETS.filter((each) => each !== 'GATEWAY_SECRET')) {
        const addresses: Readonly<Record<string, string>> = {
          MONGODB_URI: 'mongodb://user:pass word@db',
          REDIS_URL: 'redis://user:pass-word@redis',
          MQTT_URL: 'mqtts://greencity:pass-word@mosquitto:8883',
        };
        const secret = addresses[name] ?? 'a secret of some length ';
        const config = readConfig({
          ...(name === 'INFLUX_TOKEN' && { INFLUX_URL: 'http://influxdb', INFLUX_ORG: 'city' }),
          ...(name === 'KAFKA_PASSWORD' && { KAFKA_BROKERS: 'kafka:9092', KAFKA_USERNAME: 'greencity' }),
          [`${name}_FILE`]: file(name, `${secret}\n`),
        });
        expect(JSON.stringify(config), name).toContain(secret.trim());
      }
      expect(mistakesOf({ ADMIN_PASSWORD_FILE: join(folder, 'nowhere') })).toContain('ADMIN_PASSWORD_FILE must');
      expect(mistakesOf({ ADMIN_PASSWORD_FILE: file('empty', '') })).toContain('empty');
      const both = { ADMIN_PASSWORD: 'long enough it is', ADMIN_PASSWORD_FILE: file('both', 'long enough too') };
      expect(mistakesOf(both)).toContain('both set');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('take Kafka and Redis where they are named', () => {
    const config = readConfig({
      KAFKA_BROKERS: 'kafka-1:9092, kafka-2:9092',
      KAFKA_PARTITIONS: '12',
      KAFKA_USERNAME: 'greencity',
      KAFKA_PASSWORD: 'secret',
      REDIS_URL: 'redis://redis:6379',
    });
    expect(config.eventLog).toEqual({
      ...{
        kind: 'kafka',
        brokers: ['kafka-1:9092', 'kafka-2:9092'],
        partitions: 12,
        prefix: '',
        tls: false,
        ca: undefined,
      },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'greencity', password: 'secret' },
    });
    expect(config.pubSub).toEqual({ kind: 'redis', url: 'redis://redis:6379' });
    expect(readConfig({})).toMatchObject({ eventLog: { kind: 'embedded' }, pubSub: { kind: 'embedded' } });
  });

  it('refuse half of what Kafka needs, and what is no address, without repeating a password', () => {
    expect(mistakesOf({ KAFKA_TLS: 'on' })).toContain('KAFKA_TLS is set without KAFKA_BROKERS');
    const mistakes = mistakesOf({
      ...{ KAFKA_BROKERS: 'kafka', KAFKA_PASSWORD: 'hunter2', KAFKA_PREFIX: 'a b', REDIS_URL: 'http://:hunter2@redis' },
    });
    for (const name of ['KAFKA_BROKERS', 'KAFKA_USERNAME', 'KAFKA_PREFIX', 'REDIS_URL'])
      expect(mistakes).toContain(name);
    expect(mistakes).not.toContain('hunter2');
  });

  it('take Mosquitto where it is named, and open no port for devices then', () => {
    const MQTT_URL = 'mqtts://ingest:secret@mosquitto:8883';
    expect(readConfig({ MQTT_URL, MQTT_CA_FILE: 'ca.pem' }).mqtt).toEqual({
      ...{ kind: 'mosquitto', url: MQTT_URL, ca: 'ca.pem', several: false },
    });
    expect(readConfig({ MQTT_URL, MQTT_CONSUMERS: 'several' }).mqtt).toMatchObject({ several: true });
    expect(mistakesOf({ MQTT_URL, MQTT_CONSUMERS: '2' })).toContain('MQTT_CONSUMERS must be one of one, several');
    expect(mistakesOf({ MQTT_URL, MQTT_PORT: '1883', MQTT_HOST: '0.0.0.0' })).toMatch(/MQTT_PORT is.*MQTT_HOST is/);
    expect(mistakesOf({ MQTT_CA_FILE: 'ca.pem' })).toContain('without MQTT_URL');
    expect(mistakesOf({ MQTT_URL: 'mqtt://a:b@host', MQTT_CA_FILE: 'ca.pem' })).toContain('must begin with mqtts://');
  });

  it.each(['http://ingest:hunter2@host', 'mqtt://host:1883', 'mqtt://hunter2@host', 'mqtts://a:hunter2@'])(
    'refuse %s as the address of Mosquitto, without repeating a password',
    (MQTT_URL) => {
      expect(mistakesOf({ MQTT_URL })).toContain('MQTT_URL must be as mqtt://user:password@host:port');
      expect(mistakesOf({ MQTT_URL })).not.toContain('hunter2');
    },
  );
});
