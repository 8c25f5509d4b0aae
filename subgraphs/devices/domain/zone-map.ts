import { type Box, boxContains, type Place, polygonContains } from '@greencity/air/place';
import { OUTSIDE, type Zone } from './zone.ts';

/** Every zone in memory, the zone `outside` among them: answers which zone a place lies in. */
export interface ZoneMap {
  /** Stored zones: without `outside`. */
  readonly size: number;
  get(id: string): Zone | undefined;
  /** By name, then id. */
  all(): readonly Zone[];
  put(zone: Zone): void;
  remove(id: string): void;
  /** Id of the zone that holds the place: the smallest where several do, `outside` where none does. */
  zoneIdAt(place: Place): string;
  /** Whether a place lies in the box around a zone: the quick check before the exact one. */
  mayHold(zoneId: string, place: Place): boolean;
}

interface Charted {
  readonly zone: Zone;
  readonly box: Box;
}

/** A map of these zones. */
export function createZoneMap(zones: Iterable<Zone>): ZoneMap {
  const byId = new Map<string, Charted>();
  for (const zone of zones) byId.set(zone.id, charted(zone));
  let inOrder = sorted();

  function sorted(): readonly Zone[] {
    const all = [...byId.values()].map(({ zone }) => zone);
    return [...all, OUTSIDE].sort((one, other) => order(one.name, other.name) || order(one.id, other.id));
  }

  return {
    get size() {
      return byId.size;
    },
    get: (id) => (id === OUTSIDE.id ? OUTSIDE : byId.get(id)?.zone),
    all: () => inOrder,
    put(zone) {
      byId.set(zone.id, charted(zone));
      inOrder = sorted();
    },
    remove(id) {
      byId.delete(id);
      inOrder = sorted();
    },
    zoneIdAt(place) {
      let found: string | undefined;
      for (const { zone, box } of byId.values()) {
        if (found !== undefined && zone.id > found) continue;
        if (boxContains(box, place) && polygonContains(zone.boundary, place)) found = zone.id;
      }
      return found ?? OUTSIDE.id;
    },
    mayHold(zoneId, place) {
      const box = byId.get(zoneId)?.box;
      return box !== undefined && boxContains(box, place);
    },
  };
}

function order(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** The box around a zone rules most places out before the exact check. */
function charted(zone: Zone): Charted {
  const box = { west: 180, south: 90, east: -180, north: -90 };
  for (const [longitude = 0, latitude = 0] of zone.boundary.flat()) {
    box.west = Math.min(box.west, longitude);
    box.east = Math.max(box.east, longitude);
    box.south = Math.min(box.south, latitude);
    box.north = Math.max(box.north, latitude);
  }
  return { zone, box };
}
