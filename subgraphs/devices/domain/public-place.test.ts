import { distanceM } from '@greencity/air/place';
import { describe, expect, it } from 'vitest';
import { aDevice } from '../fixtures/device.ts';
import { publicPlace, SQUARE_M } from './public-place.ts';

const home = (latitude: number, longitude: number) =>
  aDevice({ locationPrivacy: 'ROUNDED', location: { latitude, longitude, altitude: 10 } });

describe('where the public sees a device', () => {
  it('is its place, unless that is private', () => {
    expect(publicPlace(aDevice())).toEqual({ latitude: 57.145, longitude: -2.1 });
  });

  it.each([57.145, 0, -33.9, 69.6, 0.0009])(
    'lies within its square at %d degrees, and seldom at the same place',
    (latitude) => {
      for (let step = 0; step < 200; step += 1) {
        const place = { latitude: latitude + step * 0.00037, longitude: -2.1 + step * 0.00051 };
        expect(distanceM(place, publicPlace(home(place.latitude, place.longitude)))).toBeLessThanOrEqual(
          SQUARE_M * Math.SQRT1_2 + 1,
        );
      }
    },
  );

  it('is the same for all who live in one square, so that it tells nobody from his neighbour', () => {
    const seen = new Set<string>();
    for (let row = 0; row < 40; row += 1)
      for (let column = 0; column < 40; column += 1)
        seen.add(JSON.stringify(publicPlace(home(57.14 + row * 0.00045, -2.1 + column * 0.00083))));
    // 1,600 homes, 50 m apart in 2 km by 2 km: a hundred squares, and those at the rim.
    expect(seen.size).toBeGreaterThanOrEqual(100);
    expect(seen.size).toBeLessThanOrEqual(121);
  });

  it('is a place on the globe, also at its ends', () => {
    for (const [latitude, longitude] of [
      [90, 0],
      [-90, 180],
      [0, 180],
      [0, -180],
      [89.9999, 179.9999],
    ] as const) {
      const place = publicPlace(home(latitude, longitude));
      expect(Math.abs(place.latitude)).toBeLessThanOrEqual(90);
      expect(Math.abs(place.longitude)).toBeLessThanOrEqual(180);
    }
  });
});
