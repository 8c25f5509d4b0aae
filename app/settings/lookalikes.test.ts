import { describe, expect, it } from 'vitest';
import { lookalikes } from './lookalikes.ts';
import { VARIABLES } from './variables.ts';

describe('a variable that looks like a setting', () => {
  it.each([
    ['MQTT_CONSUMRS', 'MQTT_CONSUMERS'],
    ['REDIS_URI', 'REDIS_URL'],
    ['MONGODB_URL', 'MONGODB_URI'],
    ['KAFKA_BROKER', 'KAFKA_BROKERS'],
    ['ADMIN_PASWORD_FIL', 'ADMIN_PASSWORD_FILE'],
    ['data_dir', 'DATA_DIR'],
    ['PORTS', 'PORT'],
  ])('is told: %s is taken for %s', (variable, meant) => {
    expect(lookalikes({ [variable]: 'x' })).toEqual([{ variable, meant }]);
  });

  it('is nothing that a machine has anyway, nor a name with three slips', () => {
    const usual = [
      'HOME',
      'PATH',
      'TEMP',
      'TERM',
      'USER',
      'SHELL',
      'LANG',
      'PWD',
      'HOSTNAME',
      'TZ',
      'NODE_ENV',
      'NO_COLOR',
    ];
    const environment = Object.fromEntries([...usual, 'MQTT_CNSMRS'].map((name) => [name, 'x']));
    expect(lookalikes(environment)).toEqual([]);
  });

  it('is no setting itself, and none that is empty', () => {
    expect(lookalikes(Object.fromEntries(VARIABLES.map((name) => [name, 'x'])))).toEqual([]);
    expect(lookalikes({ MQTT_CONSUMRS: '', KAFKA_BROKER: undefined })).toEqual([]);
  });

  it('is taken for the setting that is nearest', () => {
    expect(lookalikes({ RETENTION_RAW_DAY: '3' })).toEqual([
      { variable: 'RETENTION_RAW_DAY', meant: 'RETENTION_RAW_DAYS' },
    ]);
  });
});
