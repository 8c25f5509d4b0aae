import { describe, expect, it } from 'vitest';
import { archiveTimeMs, FormatError, type ParsedRow, rowParser } from './csv.ts';

const COMMA = 'sensor_id,sensor_type,location,lat,lon,timestamp,P1,P2,temperature,humidity,pressure';
const SDS011 = 'sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2';
const NOON_MS = Date.UTC(2019, 4, 1, 12);

const valuesOf = (parsed: ParsedRow) => (parsed.kind === 'row' ? parsed.row.values : parsed.reason);

describe('a row of the archive', () => {
  it('with commas gives PM10 for P1 and PM2.5 for P2', () => {
    const parsed = rowParser(COMMA)('16422,SDS011,8320,57.456,-2.377,2019-05-01T00:00:05,28.83,13.30,,,');
    expect(parsed).toEqual({
      kind: 'row',
      row: {
        sensorId: '16422',
        sensorType: 'SDS011',
        location: '8320',
        latitude: 57.456,
        longitude: -2.377,
        timeMs: Date.UTC(2019, 4, 1, 0, 0, 5),
        values: { pm10: 28.83, pm2_5: 13.3 },
        notNumbers: 0,
      },
    });
  });

  it('gives pressure in hPa, without a trace of binary fractions', () => {
    const parsed = rowParser(COMMA)('16423,BME280,8320,57.456,-2.377,2019-05-01T00:00:06,,,11.21,100.00,101364.09');
    expect(valuesOf(parsed)).toEqual({ temperature: 11.21, humidity: 100, pressure: 1013.6409 });
  });

  it('with semicolons, durations, a byte order mark and CRLF is read as well', () => {
    const parse = rowParser(`\uFEFF${SDS011}\r`);
    expect(valuesOf(parse('1;SDS011;2;48.1;9.2;2024-01-01T00:00:00;7.5;;;3.20;;\r'))).toEqual({
      pm10: 7.5,
      pm2_5: 3.2,
    });
  });

  it('keeps the good value beside one that is no number', () => {
    const parsed = rowParser(COMMA)('1,DHT22,2,57,-2,2019-05-01T12:00:00,,,nan,71.0,');
    expect(parsed).toMatchObject({ row: { values: { humidity: 71 }, notNumbers: 1 } });
  });

  it.each([
    ['', 'EMPTY_LINE'],
    ['1,SDS011,2,57,-2,2019-05-01T12:00:00,1', 'WRONG_NUMBER_OF_COLUMNS'],
    ['1,SDS011,2,57,-2,yesterday,1,1,,,', 'BAD_TIME'],
    ['1,SDS011,2,97,-2,2019-05-01T12:00:00,1,1,,,', 'BAD_PLACE'],
    ['1,SDS011,2,,-2,2019-05-01T12:00:00,1,1,,,', 'BAD_PLACE'],
    ['1,,2,57,-2,2019-05-01T12:00:00,1,1,,,', 'NO_SENSOR'],
    ['1,SDS011,2,57,-2,2019-05-01T12:00:00,,,,,', 'NO_VALUES'],
    ['1,DHT22,2,57,-2,2019-05-01T12:00:00,,,nan,unavailable,', 'NOT_A_NUMBER'],
  ])('%j is passed over with the reason %s', (line, reason) => {
    expect(rowParser(COMMA)(line)).toEqual({ kind: 'skipped', reason });
  });
});

describe('a time of the archive', () => {
  it.each([
    '2019-05-01T12:00:00',
    '2019-05-01 12:00:00',
    '2019-05-01T12:00:00Z',
    '2019-05-01T14:00:00+02:00',
    '2019-05-01T12:00:00.000000',
  ])('%s is noon UTC', (text) => expect(archiveTimeMs(text)).toBe(NOON_MS));

  it.each(['', '2019-05-01', '1556712000', '2019-13-01T12:00:00'])('%j is none', (text) => {
    expect(archiveTimeMs(text)).toBeNaN();
  });
});

it('refuses a file that is no Sensor.Community CSV and says what it lacks', () => {
  expect(() => rowParser('date,value')).toThrow(/sensor_id, sensor_type/);
  expect(() => rowParser('sensor_id;sensor_type;location;lat;lon;timestamp')).toThrow(FormatError);
});
