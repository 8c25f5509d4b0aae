import { describe, expect, it } from 'vitest';
import { ageText, freshness, markerText, newer, type Station } from './station.ts';

const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
const ago = (minutes: number) => new Date(NOW_MS - minutes * 60_000).toISOString();

function aStation(over: Partial<Station> = {}): Station {
  const device = {
    id: 'a',
    name: 'A',
    status: 'ONLINE',
    environment: 'OUTDOOR',
    location: { latitude: 57, longitude: -2 },
    zone: { id: 'z', name: 'Z' },
    airQuality: null,
  } as Station['device'];
  return { metric: 'PM2_5', value: 5, unit: 'µg/m³', time: ago(1), quality: 'GOOD', device, ...over } as Station;
}

describe('freshness', () => {
  it.each([
    [0, 'live'],
    [10, 'live'],
    [10.1, 'late'],
    [60, 'late'],
    [60.1, 'stale'],
    [1_440, 'stale'],
    [1_441, 'offline'],
  ])('of a value %d minutes old is %s', (minutes, expected) => {
    expect(freshness(aStation({ time: ago(minutes) }), NOW_MS)).toBe(expected);
  });

  it('is offline when the device said goodbye, however young the value', () => {
    const station = aStation();
    expect(freshness({ ...station, device: { ...station.device, status: 'OFFLINE' } }, NOW_MS)).toBe('offline');
  });
});

describe('the map', () => {
  it('never goes back in time', () => {
    const young = aStation({ time: ago(1), value: 9 });
    const old = aStation({ time: ago(5), value: 3 });
    expect(newer(young, old)).toBe(young);
    expect(newer(old, young)).toBe(young);
    expect(newer(undefined, old)).toBe(old);
  });

  it.each([
    [0, '0.0'],
    [9.94, '9.9'],
    [9.96, '10'],
    [12.4, '12'],
    [430.6, '431'],
    [-3.2, '-3.2'],
  ])('writes %d as %s', (value, text) => expect(markerText(value, 'en-GB')).toBe(text));

  it('writes them as its reader does', () => expect(markerText(9.94, 'de-DE')).toBe('9,9'));

  it('says the age of a value in words', () => {
    expect(ageText(ago(0.2), NOW_MS)).toBe('12 s ago');
    expect(ageText(ago(5), NOW_MS)).toBe('5 min ago');
    expect(ageText(ago(300), NOW_MS)).toBe('5 h ago');
    expect(ageText(ago(4_320), NOW_MS)).toBe('3 days ago');
  });
});
