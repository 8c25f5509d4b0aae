/** Subscribers that each watch a map tile of their own, at 2,000 readings a second: what a reading costs must not depend on how many watch elsewhere. */
import { ask, hear, openSubscribers } from './listening.ts';
import { serve } from './program.ts';
import { median, rounded } from './rounds.ts';
import type { Row } from './row.ts';
import type { Cost } from './tile-server.ts';

const SUBSCRIBERS = [1_000, 3_000, 10_000];
const WARM_UP_READINGS = 10_000;
/** All sizes are open at once and take turns of so many readings, so that what else the machine does hits all alike. */
const TURN_READINGS = 4_000;
const TURNS = 12;
const ZOOM = 12;
const COLUMNS = 100;
/** Around Aberdeen, as the rest of the demo. */
const FIRST_TILE = { x: 1_980, y: 1_200 };
const BOX_DEGREES = 0.001;
/** Most that the dearest size may cost beside the cheapest. */
const FLAT = 1.15;
const QUERY = `subscription Tile($within: BoundingBoxInput!) {
  measurementReceived(within: $within) { metric value time device { id } }
}`;

interface Turn extends Cost {
  readonly received: number;
  readonly p99Ms: number;
}

/** A gateway with so many subscribers. */
interface Size extends AsyncDisposable {
  readonly subscribers: number;
  turn(readings: number): Promise<Turn>;
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

async function open(subscribers: number): Promise<Size> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(
    await serve({ file: 'tile-server.ts', arguments: [String(subscribers)], runtime: 'platform' }),
  );
  const payloads = Array.from({ length: subscribers }, (_, index) => payload(index));
  const listening = opened.use(await openSubscribers({ port: server.port, count: subscribers, payloads }));
  const owned = opened.move();
  return {
    subscribers,
    async turn(readings) {
      const cost = await ask<Cost>(server, { readings });
      const { received, p99Ms } = await hear(listening, readings);
      return { ...cost, received, p99Ms };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function sum(turns: readonly Turn[], of: (turn: Turn) => number): number {
  return turns.reduce((total, turn) => total + of(turn), 0);
}

/** Of all turns together, so that every collection counts; beside it a turn in the middle, which has hardly ever a full one. */
function figuresOf(subscribers: number, turns: readonly Turn[]) {
  const readings = turns.length * TURN_READINGS;
  const user = sum(turns, ({ userMicroseconds }) => userMicroseconds) / readings;
  const system = sum(turns, ({ systemMicroseconds }) => systemMicroseconds) / readings;
  const costs = turns.map((turn) => (turn.userMicroseconds + turn.systemMicroseconds) / TURN_READINGS);
  return {
    subscribers,
    cpuMicrosecondsPerReading: rounded(user + system, 1),
    ofThat: { user: rounded(user, 1), system: rounded(system, 1) },
    ofAMiddleTurn: rounded(median(costs), 1),
    fullCollections: sum(turns, ({ fullCollections }) => fullCollections),
    lost: readings - sum(turns, ({ received }) => received),
    p99Ms: rounded(median(turns.map(({ p99Ms }) => p99Ms)), 1),
  };
}

/** Cost of a reading by the number of subscribers. */
export async function benchTiles(): Promise<Row> {
  await using opened = new AsyncDisposableStack();
  const sizes: Size[] = [];
  for (const subscribers of SUBSCRIBERS) sizes.push(opened.use(await open(subscribers)));
  const turns = sizes.map((): Turn[] => []);
  for (const size of sizes) await size.turn(WARM_UP_READINGS);
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [index, size] of sizes.entries()) turns[index]?.push(await size.turn(TURN_READINGS));
  }
  const curve = sizes.map(({ subscribers }, index) => figuresOf(subscribers, turns[index] ?? []));
  const costs = curve.map(({ cpuMicrosecondsPerReading }) => cpuMicrosecondsPerReading);
  const lost = curve.reduce((total, figures) => total + figures.lost, 0);
  return {
    detail: { readingsPerSecond: 2_000, turns: TURNS, readingsOfATurn: TURN_READINGS, curve },
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
