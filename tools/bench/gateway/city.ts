/** The join of four subgraphs: a root fetch of 50 measurements, then 50 devices from each of three other subgraphs. */
import type { World } from './world.ts';

const MEASUREMENTS = 50;
const LEVELS = ['ONLINE', 'LATE', 'STALE'];
const TIME = '2026-11-23T10:00:00.000Z';

const SELECTION = `{
    metric value unit time quality
    device {
      id name status
      location { latitude longitude }
      zone { id name }
      alerts { id severity title startedAt }
      forecast { time value lower upper }
    }
  }`;

/** Each event of it is joined over the four subgraphs, too; a group hears its own events only. */
export const LIVE = `subscription Live($group: Int!) {
  measured(group: $group) ${SELECTION}
}`;

const measurement = (index: number, value: number) => ({
  metric: 'PM2_5',
  value,
  unit: 'µg/m³',
  time: TIME,
  quality: 'GOOD',
  device: { id: `device-${index}` },
});

/** Events for the subscription. */
export interface Events {
  /** Sends a measurement of this value to those who listen to the group. */
  publish(group: number, value: number): void;
}

/** The city, and what makes its events. */
export function openCity(): World & { readonly events: Events } {
  const listeners = new Map<number, Set<(event: unknown) => void>>();
  let sent = 0;
  return {
    query: `query Join {\n  measurements ${SELECTION}\n}`,
    services: [measurements((group) => listener(listeners, group)), devices, alerts, predictions],
    events: {
      publish(group, value) {
        sent += 1;
        for (const hear of listeners.get(group) ?? []) hear(measurement(sent % MEASUREMENTS, value));
      },
    },
  };
}

function measurements(listen: (group: number) => AsyncIterableIterator<unknown>) {
  const all = Array.from({ length: MEASUREMENTS }, (_, index) => measurement(index, 12.4 + index));
  return {
    name: 'measurements',
    sdl: `extend type Query { measurements: [Measurement!]! }
      extend type Subscription { measured(group: Int!): Measurement! }
      type Measurement { metric: String! value: Float! unit: String! time: String! quality: String! device: Device! }
      extend type Device @key(fields: "id") { id: ID! @external }`,
    resolvers: {
      Query: { measurements: () => all },
      Subscription: {
        measured: {
          subscribe: (_: unknown, { group }: { group: number }) => listen(group),
          resolve: (event: unknown) => event,
        },
      },
    },
  };
}

const reference = ({ id }: { id: string }) => ({ id });

const devices = {
  name: 'devices',
  sdl: `extend type Query { device(id: ID!): Device }
    type Device @key(fields: "id") { id: ID! name: String! status: String! location: Location! zone: Zone! }
    type Location { latitude: Float! longitude: Float! } type Zone { id: ID! name: String! }`,
  resolvers: {
    Device: {
      __resolveReference: ({ id }: { id: string }) => ({
        id,
        name: `Rue de Rome ${id}`,
        status: LEVELS[id.length % 3],
        location: { latitude: 57.14, longitude: -2.09 },
        zone: { id: 'harbour', name: 'Harbour' },
      }),
    },
  },
};

const alerts = {
  name: 'alerts',
  sdl: `extend type Query { alerts: [Alert!]! }
    extend type Device @key(fields: "id") { id: ID! @external alerts: [Alert!]! }
    type Alert { id: ID! severity: String! title: String! startedAt: String! }`,
  resolvers: {
    Device: {
      __resolveReference: reference,
      alerts: ({ id }: { id: string }) => [
        { id: `${id}-1`, severity: 'WARNING', title: 'PM2.5 high', startedAt: TIME },
      ],
    },
  },
};

const predictions = {
  name: 'predictions',
  sdl: `extend type Query { ready: Boolean }
    extend type Device @key(fields: "id") { id: ID! @external forecast: [Point!]! }
    type Point { time: String! value: Float! lower: Float! upper: Float! }`,
  resolvers: {
    Device: {
      __resolveReference: reference,
      forecast: () => [1, 2].map((hour) => ({ time: TIME, value: 10 + hour, lower: 8.5, upper: 14.25 })),
    },
  },
};

function listener(all: Map<number, Set<(event: unknown) => void>>, group: number): AsyncIterableIterator<unknown> {
  const waiting: unknown[] = [];
  let wake: ((result: IteratorResult<unknown>) => void) | undefined;
  const hear = (value: unknown): void => {
    if (!wake) waiting.push(value);
    else wake({ done: false, value });
    wake = undefined;
  };
  const listeners = all.get(group) ?? new Set();
  all.set(group, listeners.add(hear));
  const iterator: AsyncIterableIterator<unknown> = {
    next: () =>
      waiting.length > 0
        ? Promise.resolve({ done: false, value: waiting.shift() })
        : new Promise((resolve) => {
            wake = resolve;
          }),
    async return() {
      listeners.delete(hear);
      wake?.({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
