/** Devices that publish numbered readings at QoS 1 through whatever happens, and the account of what was sent, acknowledged and found. */
import mqtt, { type MqttClient } from 'mqtt';
import type { Client, DeviceCredentials } from '../../app/e2e/client.ts';

const EVERY_MS = 100;
/** A device keeps no more than this for later; beyond it, it sends nothing new until some of it is acknowledged. */
const WAITING_MAX = 2_000;
const RECONNECT_EVERY_MS = 500;
const CLOSE_WITHIN_MS = 60_000;
const PLACES = [
  { latitude: 57.14, longitude: -2.09 },
  { latitude: 57.15, longitude: -2.1 },
  { latitude: 57.3, longitude: -2.4 },
  { latitude: 57.5, longitude: -2.6 },
];

export interface Account {
  readonly sent: number;
  readonly acknowledged: number;
  /** Different readings that a query gave. */
  readonly found: number;
  /** Readings that it gave more than once, or that statistics count more than once. */
  readonly doubled: number;
  /** Acknowledged, and not found. */
  readonly lost: number;
}

/** A device's book: a reading's number is its time, Unix ms. */
interface Book {
  readonly device: DeviceCredentials;
  readonly connection: MqttClient;
  readonly sent: Set<number>;
  readonly acknowledged: Set<number>;
}

export interface Ledger extends AsyncDisposable {
  /** Of one device: the newest reading acknowledged after this moment, once there is one. */
  readonly devices: readonly string[];
  /** Readings acknowledged so far. */
  acknowledged(): number;
  /** Ends sending, and waits until the broker has acknowledged everything. */
  settle(): Promise<void>;
  /** What has become of all that was sent. */
  account(): Promise<Account>;
}

/** Registers the devices, each in a zone of its own or in none, and begins to send. @param round in the devices' names, so that each round has devices of its own */
export async function startLedger(client: Client, round: string): Promise<Ledger> {
  const fromMs = Date.now();
  const books = await Promise.all(
    PLACES.map(async (location, index): Promise<Book> => {
      const device = await client.register({
        id: `${round}-${index}`,
        name: `${round} ${index}`,
        location,
        sensors: ['SDS011'],
      });
      return { device, connection: await connect(client, device), sent: new Set(), acknowledged: new Set() };
    }),
  );
  const timer = setInterval(() => {
    for (const book of books) send(book);
  }, EVERY_MS);
  const total = (count: (book: Book) => number) => books.reduce((sum, book) => sum + count(book), 0);
  return {
    devices: books.map(({ device }) => device.id),
    acknowledged: () => total(({ acknowledged }) => acknowledged.size),
    async settle() {
      clearInterval(timer);
      const untilMs = performance.now() + CLOSE_WITHIN_MS;
      while (total(waiting) > 0 && performance.now() < untilMs)
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    },
    async account() {
      const found = await Promise.all(books.map((book) => lookUp(client, book, { fromMs, toMs: Date.now() + 1 })));
      const sum = (of: keyof Account) => found.reduce((total, one) => total + one[of], 0);
      return {
        sent: sum('sent'),
        acknowledged: sum('acknowledged'),
        found: sum('found'),
        doubled: sum('doubled'),
        lost: sum('lost'),
      };
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(books.map(({ connection }) => connection.endAsync(true)));
    },
  };
}

async function connect({ mqttUrl }: Client, { username, password }: DeviceCredentials): Promise<MqttClient> {
  const connection = await mqtt.connectAsync(mqttUrl, {
    ...{ username, password, clientId: username, clean: false },
    reconnectPeriod: RECONNECT_EVERY_MS,
  });
  // It connects again by itself; what it could not send waits.
  connection.on('error', () => undefined);
  return connection;
}

const waiting = ({ sent, acknowledged }: Book): number => sent.size - acknowledged.size;

function send(book: Book): void {
  if (waiting(book) >= WAITING_MAX) return;
  const timeMs = Date.now();
  const { device, connection, sent, acknowledged } = book;
  if (sent.has(timeMs)) return;
  const reading = {
    bootId: 1,
    seq: sent.size,
    time: new Date(timeMs).toISOString(),
    values: { pm10: (timeMs % 500) / 10 },
  };
  sent.add(timeMs);
  connection.publish(`greencity/v1/${device.id}/measurements`, JSON.stringify(reading), { qos: 1 }, (error) => {
    if (!error) acknowledged.add(timeMs);
  });
}

const SERIES = `query ($id: ID!, $from: DateTime!, $to: DateTime!) { device(id: $id) {
  raw: series(metric: PM10, from: $from, to: $to) { points { time } }
  hours: series(metric: PM10, from: $from, to: $to, interval: "PT1H", statistic: COUNT) { points { count } } } }`;

async function lookUp(
  client: Client,
  book: Book,
  range: { readonly fromMs: number; readonly toMs: number },
): Promise<Account> {
  const variables = { id: book.device.id, from: iso(range.fromMs), to: iso(range.toMs) };
  const { data, errors } = await client.graphql(SERIES, variables);
  if (errors) throw new Error(`the readings could not be asked for: ${JSON.stringify(errors)}`);
  const times: readonly number[] = data.device.raw.points.map(({ time }: { time: string }) => Date.parse(time));
  const counted: number = data.device.hours.points.reduce(
    (sum: number, { count }: { count: number }) => sum + count,
    0,
  );
  const found = new Set(times);
  const strangers = times.filter((timeMs) => !book.sent.has(timeMs)).length;
  return {
    sent: book.sent.size,
    acknowledged: book.acknowledged.size,
    found: found.size,
    doubled: times.length - found.size + Math.max(0, counted - found.size) + strangers,
    lost: [...book.acknowledged].filter((timeMs) => !found.has(timeMs)).length,
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
