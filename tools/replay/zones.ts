/** Zones for a replay: from a GeoJSON file, or made from where the devices stand. */
import { readFile } from 'node:fs/promises';
import type { ZoneDraft } from '../operator/roster.ts';
import { FormatError } from './csv.ts';

type Ring = readonly (readonly [longitude: number, latitude: number])[];

export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Ids of zones that the tool made itself begin with this. */
const MADE_ZONE_PREFIX = 'replay-';
const DEFAULT_REGION = 'Replay';
/** Room around the outermost devices, degrees. */
const MARGIN = 0.01;
const NAMES = [
  ['South West', 'South', 'South East'],
  ['West', 'Centre', 'East'],
  ['North West', 'North', 'North East'],
] as const;

/** Three bands along one axis with about as many devices each. */
function bands(values: readonly number[]): readonly [number, number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const upper = sorted[Math.ceil(share * (sorted.length - 1))] ?? 0;
    const lower = sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    return round((upper + lower) / 2);
  };
  return [round((sorted[0] ?? 0) - MARGIN), at(1 / 3), at(2 / 3), round((sorted.at(-1) ?? 0) + MARGIN)];
}

const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5;

/** A grid of up to nine cells named by the compass; cells without devices are left out. */
export function zonesFromPlaces(places: readonly Place[]): readonly ZoneDraft[] {
  const rows = bands(places.map(({ latitude }) => latitude));
  const columns = bands(places.map(({ longitude }) => longitude));
  return NAMES.flatMap((names, row) =>
    names.flatMap((name, column) => {
      const [south = 0, north = 0] = rows.slice(row, row + 2);
      const [west = 0, east = 0] = columns.slice(column, column + 2);
      const within = ({ latitude, longitude }: Place) =>
        latitude >= south && latitude < north && longitude >= west && longitude < east;
      if (south >= north || west >= east || !places.some(within)) return [];
      const ring: Ring = [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ];
      return [{ id: `${MADE_ZONE_PREFIX}${slug(name)}`, name, region: DEFAULT_REGION, boundary: [ring] }];
    }),
  );
}

function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}

interface Feature {
  readonly properties?: { readonly name?: unknown; readonly region?: unknown } | null;
  readonly geometry?: { readonly type?: string; readonly coordinates?: unknown } | null;
}

/** Zones in the text of a GeoJSON FeatureCollection of polygons with a `name`. Holes are left out: a zone is its outer rings. @throws FormatError */
export function zonesFromGeoJson(text: string): readonly ZoneDraft[] {
  let parsed: { readonly type?: string; readonly features?: readonly Feature[] };
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`The zones are not JSON: ${(cause as Error).message}`);
  }
  if (parsed?.type !== 'FeatureCollection' || !Array.isArray(parsed.features)) {
    throw new FormatError('The zones must be a GeoJSON FeatureCollection.');
  }
  const used = new Set<string>();
  return parsed.features.map((feature: Feature, index: number) => zoneOf(feature, index, used));
}

function zoneOf({ properties, geometry }: Feature, index: number, used: Set<string>): ZoneDraft {
  const name = properties?.name;
  if (typeof name !== 'string' || name.trim() === '')
    throw new FormatError(`Zone ${index + 1} has no properties.name.`);
  const boundary = outerRings(geometry);
  if (boundary.length === 0)
    throw new FormatError(`Zone ${index + 1} (${name}) is neither a Polygon nor a MultiPolygon.`);
  const base = slug(name) || `zone-${index + 1}`;
  const id = used.has(base) ? `${base}-${index + 1}` : base;
  used.add(id);
  const region = properties?.region;
  return { id, name, region: typeof region === 'string' && region !== '' ? region : DEFAULT_REGION, boundary };
}

function outerRings(geometry: Feature['geometry']): readonly Ring[] {
  const polygons =
    geometry?.type === 'Polygon'
      ? [geometry.coordinates]
      : geometry?.type === 'MultiPolygon'
        ? geometry.coordinates
        : [];
  return (polygons as readonly (readonly (readonly number[][])[])[]).flatMap(([outer]) =>
    outer ? [outer.map(([longitude = 0, latitude = 0]) => [longitude, latitude] as const)] : [],
  );
}

/** Zones in a GeoJSON file. @throws FormatError */
export async function readZones(path: string): Promise<readonly ZoneDraft[]> {
  return zonesFromGeoJson(await readFile(path, 'utf8'));
}
