/** Subscribers that each watch a map tile of their own, at 2,000 readings a second: what a reading costs must not depend on how many watch elsewhere. */
import { ask, hear, openSubscribers } from './listening.ts';
import { serve } from './program.ts';
import { median, rounded } from './rounds.ts';
import type { Row } from './row.ts';

const SUBSCRIBERS = [1_000, 3_000, 10_000];
const WARM_UP_READINGS = 10_000;
const READINGS = 10_000;
/** Sizes take turns, so that the machine's mood hits all alike; a figure is the middle one of its turns. */
const TURNS = 3;
const ZOOM = 12;
const COLUMNS = 100;
/** Around Aberdeen, as the rest of the demo. */
const FIRST_TILE = { x: 1_980, y: 1_200 };
const BOX_DEGREES = 0.001;
/** Most that the dearest may cost beside the cheapest. */
const FLAT = 1.25;
const QUERY = `subscription Tile($within: BoundingBoxInput!) {
  measurementReceived(within: $within) { metric value time device { id } }
}`;

interface Measured {
  readonly subscribers: number;
  readonly cpuMicrosecondsPerReading: number;
  readonly lost: number;
  readonly p99Ms: number;
}

/** The middle of a tile, counted from the first in rows of a hundred. */
export function placeOfTile(index: number): { readonly latitude: number; readonly longitude: number } {
  const x = FIRST_TILE.x + (index % COLUMNS) + 0.5;
  const y = FIRST_TILE.y + Math.floor(index / COLUMNS) + 0.5;
  const tiles = 2 ** ZOOM;
  const latitude = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / tiles))) * 180) / Math.PI;
  return { latitude, longitude: (x / tiles) * 360 - 180 };
}

function payload(index: number): object {
  const { latitude, longitude } = placeOfTile(index);
  const within = {
    north: latitude + BOX_DEGREES,
    south: latitude - BOX_DEGREES,
    east: longitude + BOX_DEGREES,
    west: longitude - BOX_DEGREES,
  };
  return { query: QUERY, variables: { within } };
}

async function measure(subscribers: number): Promise<Measured> {
  const given = [String(subscribers)];
  await using server = await serve({ file: 'tile-server.ts', arguments: given, runtime: 'platform' });
  const payloads = Array.from({ length: subscribers }, (_, index) => payload(index));
  await using listening = await openSubscribers({ port: server.port, count: subscribers, payloads });
  await ask(server, { readings: WARM_UP_READINGS });
  await hear(listening, WARM_UP_READINGS);
  const { cpuMicroseconds } = await ask<{ cpuMicroseconds: number }>(server, { readings: READINGS });
  const { received, p99Ms } = await hear(listening, READINGS);
  return {
    subscribers,
    cpuMicrosecondsPerReading: rounded(cpuMicroseconds / READINGS, 1),
    lost: READINGS - received,
    p99Ms: rounded(p99Ms, 1),
  };
}

function middle(subscribers: number, turns: readonly Measured[]) {
  const costs = turns.map(({ cpuMicrosecondsPerReading }) => cpuMicrosecondsPerReading);
  return {
    subscribers,
    cpuMicrosecondsPerReading: median(costs),
    ofTurns: costs,
    lost: turns.reduce((sum, { lost }) => sum + lost, 0),
    p99Ms: median(turns.map(({ p99Ms }) => p99Ms)),
  };
}

/** Cost of a reading by the number of subscribers. */
export async function benchTiles(): Promise<Row> {
  const turns: Measured[][] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const measured: Measured[] = [];
    for (const subscribers of SUBSCRIBERS) measured.push(await measure(subscribers));
    turns.push(measured);
  }
  const curve = SUBSCRIBERS.map((subscribers, index) =>
    middle(
      subscribers,
      turns.flatMap((turn) => turn[index] ?? []),
    ),
  );
  const costs = curve.map(({ cpuMicrosecondsPerReading }) => cpuMicrosecondsPerReading);
  const lost = curve.reduce((sum, measured) => sum + measured.lost, 0);
  return {
    detail: { readingsPerSecond: 2_000, curve },
    findings: [
      {
        what: `CPU per reading at ${SUBSCRIBERS.join(', ')} subscribers, each on another tile`,
        figure: `${costs.join(', ')} µs`,
        goal: 'flat',
        met: Math.max(...costs) <= FLAT * Math.min(...costs),
      },
      { what: 'the same, lost', figure: String(lost), goal: '0', met: lost === 0 },
    ],
  };
}
