import { expect, it } from 'vitest';
import { zonesFromGeoJson, zonesFromPlaces } from './zones.ts';

it('lays a grid named by the compass over the devices, each device in one cell', () => {
  const places = [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((column) => ({ latitude: 57 + row, longitude: -3 + column })),
  );
  const zones = zonesFromPlaces(places);
  expect(zones.map(({ name }) => name)).toEqual([
    ...['South West', 'South', 'South East', 'West', 'Centre', 'East'],
    ...['North West', 'North', 'North East'],
  ]);
  for (const { latitude, longitude } of places) {
    const around = zones.filter(({ boundary }) => {
      const [[west = 0, south = 0] = [], , [east = 0, north = 0] = []] = boundary[0] ?? [];
      return latitude >= south && latitude < north && longitude >= west && longitude < east;
    });
    expect(around).toHaveLength(1);
  }
  expect(zones[0]).toMatchObject({ id: 'replay-south-west', region: 'Replay' });
  expect(zones[0]?.boundary[0]?.[0]).toEqual(zones[0]?.boundary[0]?.at(-1));
});

it('gives a single device one zone', () => {
  const zones = zonesFromPlaces([{ latitude: 57, longitude: -2 }]);
  expect(zones).toHaveLength(1);
});

const square = [
  [
    [0, 0, 5],
    [1, 0, 5],
    [1, 1, 5],
    [0, 0, 5],
  ],
];
const feature = (properties: object, geometry: object) => ({ type: 'Feature', properties, geometry });
const collection = (...features: readonly object[]) => JSON.stringify({ type: 'FeatureCollection', features });

it('reads polygons and multipolygons, without heights and holes', () => {
  const zones = zonesFromGeoJson(
    collection(
      feature(
        { name: 'Old Aberdeen', region: 'Aberdeen' },
        { type: 'Polygon', coordinates: [...square, [[0.1, 0.1]]] },
      ),
      feature({ name: 'Île du Sud' }, { type: 'MultiPolygon', coordinates: [square, square] }),
      feature({ name: 'old aberdeen' }, { type: 'Polygon', coordinates: square }),
    ),
  );
  expect(zones.map(({ id, region, boundary }) => ({ id, region, rings: boundary.length }))).toEqual([
    { id: 'old-aberdeen', region: 'Aberdeen', rings: 1 },
    { id: 'ile-du-sud', region: 'Replay', rings: 2 },
    { id: 'old-aberdeen-3', region: 'Replay', rings: 1 },
  ]);
  expect(zones[0]?.boundary[0]).toEqual([
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 0],
  ]);
});

it.each([
  ['{', /not JSON/],
  ['[]', /FeatureCollection/],
  [collection(feature({}, { type: 'Polygon', coordinates: square })), /Zone 1 has no properties.name/],
  [collection(feature({ name: 'A' }, { type: 'Point', coordinates: [0, 0] })), /Zone 1 \(A\) is neither/],
])('refuses %s with a reason', (text, reason) => expect(() => zonesFromGeoJson(text)).toThrow(reason));
