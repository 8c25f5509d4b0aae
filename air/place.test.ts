import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxContains, boxFault, distanceM, polygonContains, tileOf, tilesOfBox } from './place.ts';

const SQUARE = [
  [
    [0, 0],
    [10, 0],
    [10, 10],
    [0, 10],
    [0, 0],
  ],
];
const WITH_HOLE = [
  ...SQUARE,
  [
    [4, 4],
    [6, 4],
    [6, 6],
    [4, 6],
    [4, 4],
  ],
];

describe('a distance', () => {
  it('of one degree along the equator is 111.195 km', () => {
    expect(distanceM({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 1 })).toBeCloseTo(111_195.08, 1);
  });
  it('does not mind the antimeridian', () => {
    expect(distanceM({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 })).toBeCloseTo(111_195.08, 1);
  });
  it('between the poles is half the circumference', () => {
    expect(distanceM({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 77 })).toBeCloseTo(
      Math.PI * 6_371_008.8,
      0,
    );
  });
});

describe('a box', () => {
  it('holds its edges and not what lies beyond', () => {
    const box = { west: -2.3, south: 57.05, east: -2, north: 57.25 };
    expect(boxContains(box, { latitude: 57.05, longitude: -2 })).toBe(true);
    expect(boxContains(box, { latitude: 57.04, longitude: -2 })).toBe(false);
  });
  it('may cross the antimeridian', () => {
    const box = { west: 170, south: -10, east: -170, north: 10 };
    expect(boxContains(box, { latitude: 0, longitude: 175 })).toBe(true);
    expect(boxContains(box, { latitude: 0, longitude: -175 })).toBe(true);
    expect(boxContains(box, { latitude: 0, longitude: 0 })).toBe(false);
  });
  it('says what is wrong with it', () => {
    expect(boxFault({ west: 0, south: 2, east: 1, north: 1 })).toContain('south');
    expect(boxFault({ west: 0, south: 0, east: 181, north: 1 })).toContain('east');
    expect(boxFault({ west: 170, south: -10, east: -170, north: 10 })).toBeUndefined();
  });
});

describe('a polygon', () => {
  it('holds its inside, not its holes', () => {
    expect(polygonContains(WITH_HOLE, { latitude: 2, longitude: 2 })).toBe(true);
    expect(polygonContains(WITH_HOLE, { latitude: 5, longitude: 5 })).toBe(false);
    expect(polygonContains(WITH_HOLE, { latitude: 11, longitude: 5 })).toBe(false);
  });
  it('without rings holds nothing', () => expect(polygonContains([], { latitude: 0, longitude: 0 })).toBe(false));
});

describe('a tile', () => {
  it('of Aberdeen at zoom 12 is where the map has it', () => {
    // x = (180 - 2.09) / 360 * 4096 = 2024.2; y = (1 - ln(tan 57.14° + sec 57.14°) / π) / 2 * 4096 = (1 - 1.22127 / π) / 2 * 4096 = 1251.9
    expect(tileOf({ latitude: 57.14, longitude: -2.09 }, 12)).toEqual({ x: 2024, y: 1251 });
  });
  it('stays on the map at its corners', () => {
    expect(tileOf({ latitude: 90, longitude: -180 }, 3)).toEqual({ x: 0, y: 0 });
    expect(tileOf({ latitude: -90, longitude: 180 }, 3)).toEqual({ x: 7, y: 7 });
  });
  it('of any place in a box is among the tiles of the box', () => {
    const degrees = fc.record({
      latitude: fc.double({ min: -80, max: 80, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(degrees, degrees, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, part) => {
        const box = {
          west: a.longitude,
          east: b.longitude,
          south: Math.min(a.latitude, b.latitude),
          north: Math.max(a.latitude, b.latitude),
        };
        const width = (box.east - box.west + 360) % 360;
        const longitude = ((box.west + width * part + 540) % 360) - 180;
        const tile = tileOf({ latitude: box.south + (box.north - box.south) * part, longitude }, 6);
        return (tilesOfBox(box, 6, 5_000) ?? []).some(({ x, y }) => x === tile.x && y === tile.y);
      }),
    );
  });
  it('list is refused when it is longer than asked for', () => {
    expect(tilesOfBox({ west: -180, south: -80, east: 180, north: 80 }, 12, 256)).toBeUndefined();
  });
});
