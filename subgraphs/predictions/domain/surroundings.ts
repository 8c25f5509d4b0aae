/** Which devices stand around which. */
import { distanceM, type Place } from '@greencity/air/place';

/** Devices farther away breathe other air. */
const NEIGHBOUR_DISTANCE_M = 10_000;
const NEIGHBOURS_MAX = 8;
/** Side of a square of the index; with the squares around it, it holds every neighbour up to 60° north and south, and fewer beyond. */
const SQUARE_DEGREES = 0.2;

export interface PlacedDevice extends Place {
  readonly deviceId: string;
}

/** The neighbours of each device, looked up once. */
export interface Surroundings {
  /** At most the 8 nearest within 10 km, the nearest first. */
  neighboursOf(deviceId: string): readonly string[];
}

function squareOf(latitude: number, longitude: number): string {
  return `${latitude} ${longitude}`;
}

/** Surroundings of these devices, which are the ones outdoors and in use; a device that is not among them has none. */
export function surroundingsOf(devices: Iterable<PlacedDevice>): Surroundings {
  const squares = new Map<string, PlacedDevice[]>();
  const places = new Map<string, PlacedDevice>();
  const found = new Map<string, readonly string[]>();
  for (const device of devices) {
    places.set(device.deviceId, device);
    const name = squareOf(Math.floor(device.latitude / SQUARE_DEGREES), Math.floor(device.longitude / SQUARE_DEGREES));
    const square = squares.get(name);
    if (square) square.push(device);
    else squares.set(name, [device]);
  }

  function nearest(device: PlacedDevice): readonly string[] {
    const [row, column] = [Math.floor(device.latitude / SQUARE_DEGREES), Math.floor(device.longitude / SQUARE_DEGREES)];
    const near: { readonly deviceId: string; readonly distance: number }[] = [];
    for (let north = -1; north <= 1; north += 1) {
      for (let east = -1; east <= 1; east += 1) {
        for (const other of squares.get(squareOf(row + north, column + east)) ?? []) {
          const distance = distanceM(device, other);
          if (other.deviceId !== device.deviceId && distance <= NEIGHBOUR_DISTANCE_M)
            near.push({ deviceId: other.deviceId, distance });
        }
      }
    }
    return near
      .sort((a, b) => a.distance - b.distance)
      .slice(0, NEIGHBOURS_MAX)
      .map(({ deviceId }) => deviceId);
  }

  return {
    neighboursOf(deviceId) {
      const known = found.get(deviceId);
      if (known) return known;
      const device = places.get(deviceId);
      const neighbours = device ? nearest(device) : [];
      found.set(deviceId, neighbours);
      return neighbours;
    },
  };
}
