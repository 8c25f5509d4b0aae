import { describe, expect, it } from 'vitest';
import { aSquare } from '../fixtures/device.ts';
import { checkZone, POSITIONS_MAX, RINGS_MAX } from './zone.ts';
import { createZoneMap } from './zone-map.ts';

const square = aSquare('centre', [-2.2, 57.1, -2, 57.2]);
const pathsOf = (changes: object) => {
  const checked = checkZone({ ...square, ...changes });
  return checked.kind === 'refused' ? checked.faults.map(({ path }) => path) : [];
};

describe('a zone', () => {
  it('takes a closed ring', () => {
    expect(checkZone(square)).toEqual({ kind: 'accepted', value: square });
  });

  const [ring = []] = square.boundary;
  it.each([
    ['the id of the place outside', { id: 'outside' }, 'input.id'],
    ['an id with a colon', { id: 'a:b' }, 'input.id'],
    ['no name', { name: '' }, 'input.name'],
    ['no region', { region: '' }, 'input.region'],
    ['no ring', { boundary: [] }, 'input.boundary'],
    ['too many rings', { boundary: Array.from({ length: RINGS_MAX + 1 }, () => ring) }, 'input.boundary'],
    ['too many positions', { boundary: [Array.from({ length: POSITIONS_MAX + 1 }, () => [0, 0])] }, 'input.boundary'],
    ['an empty ring', { boundary: [ring, []] }, 'input.boundary[1]'],
    ['a ring that is open', { boundary: [ring.slice(0, -1)] }, 'input.boundary[0]'],
    [
      'a ring without area',
      {
        boundary: [
          [
            [0, 0],
            [1, 1],
            [2, 2],
            [0, 0],
          ],
        ],
      },
      'input.boundary[0]',
    ],
    [
      'a line there and back',
      {
        boundary: [
          [
            [0, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      },
      'input.boundary[0]',
    ],
    [
      'a position with three numbers',
      {
        boundary: [
          [
            [0, 0],
            [1, 1, 5],
            [2, 0],
            [0, 0],
          ],
        ],
      },
      'input.boundary[0][1]',
    ],
    [
      'latitude and longitude swapped',
      {
        boundary: [
          [
            [57, 157],
            [58, 157],
            [58, 158],
            [57, 157],
          ],
        ],
      },
      'input.boundary[0][0]',
    ],
  ])('refuses %s', (_, changes, path) => {
    expect(pathsOf(changes)).toEqual([path]);
  });
});

describe('the map of zones', () => {
  const place = { latitude: 57.15, longitude: -2.1 };

  it('puts a place that lies in no zone outside', () => {
    expect(createZoneMap([]).zoneIdAt(place)).toBe('outside');
    expect(createZoneMap([square]).zoneIdAt({ latitude: 57.25, longitude: -2.1 })).toBe('outside');
  });

  it('gives a place that lies in several zones to the one with the smallest id', () => {
    const zones = [
      aSquare('b', [-3, 57, -2, 58]),
      aSquare('a', [-2.2, 57.1, -2, 57.2]),
      aSquare('c', [-3, 57, -2, 58]),
    ];
    expect(createZoneMap(zones).zoneIdAt(place)).toBe('a');
  });

  it('looks at the polygon and not at the box around it', () => {
    const triangle = {
      ...square,
      boundary: [
        [
          [-3, 57],
          [-2, 57],
          [-3, 58],
          [-3, 57],
        ],
      ],
    };
    const zones = createZoneMap([triangle]);
    expect(zones.zoneIdAt({ latitude: 57.1, longitude: -2.9 })).toBe('centre');
    expect(zones.zoneIdAt({ latitude: 57.9, longitude: -2.1 })).toBe('outside');
  });

  it('always holds the zone outside, in order of name', () => {
    const zones = createZoneMap([
      { ...square, name: 'Zoo' },
      { ...square, id: 'airport', name: 'Airport' },
    ]);
    expect(zones.all().map(({ id }) => id)).toEqual(['airport', 'outside', 'centre']);
    zones.remove('centre');
    expect(zones.all().map(({ id }) => id)).toEqual(['airport', 'outside']);
    expect(zones.get('outside')?.boundary).toEqual([]);
  });
});
