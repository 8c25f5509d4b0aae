/** Four small subgraphs for the gateway's benchmark: what they do costs next to nothing, so that the gateway is what is measured. */
import { composeServices } from '@apollo/composition';
import type { Subgraph } from '@greencity/platform/graphql/port';
import { subgraphSchema } from '@greencity/platform/graphql/subgraph-schema';
import { parse } from 'graphql';

const FEDERATION = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])\n';
const MEASUREMENTS = 50;
const LEVELS = ['ONLINE', 'LATE', 'STALE'];

/** The join over four subgraphs: one root fetch, then 50 entities from each of three others. */
export const JOIN = `query Join {
  measurements {
    metric value unit time quality
    device {
      id name status
      location { latitude longitude }
      zone { id name }
      alerts { id severity title startedAt }
      forecast { time value lower upper }
    }
  }
}`;

/** Each event of it is joined over the four subgraphs, too. */
export const LIVE = `subscription Live {
  measured {
    metric value unit time quality
    device {
      id name status
      location { latitude longitude }
      zone { id name }
      alerts { id severity title startedAt }
      forecast { time value lower upper }
    }
  }
}`;

interface Definition {
  readonly name: string;
  readonly sdl: string;
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const TIME = '2026-11-23T10:00:00.000Z';
const measurement = (index: number) => ({
  metric: 'PM2_5',
  value: 12.4 + index,
  unit: 'µg/m³',
  time: TIME,
  quality: 'GOOD',
  device: { id: `device-${index}` },
});

/** Events for the subscription. */
export interface Events {
  publish(): void;
  readonly listeners: number;
}

function definitions(listen: () => AsyncIterableIterator<unknown>): readonly Definition[] {
  const measurements = Array.from({ length: MEASUREMENTS }, (_, index) => measurement(index));
  const reference = ({ id }: { id: string }) => ({ id });
  return [
    {
      name: 'measurements',
      sdl: `type Query { measurements: [Measurement!]! } type Subscription { measured: Measurement! }
        type Measurement { metric: String! value: Float! unit: String! time: String! quality: String! device: Device! }
        type Device @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Query: { measurements: () => measurements },
        Subscription: { measured: { subscribe: listen, resolve: (event: unknown) => event } },
      },
    },
    {
      name: 'devices',
      sdl: `type Query { device(id: ID!): Device }
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
    },
    {
      name: 'alerts',
      sdl: `type Query { alerts: [Alert!]! } type Device @key(fields: "id") { id: ID! alerts: [Alert!]! }
        type Alert { id: ID! severity: String! title: String! startedAt: String! }`,
      resolvers: {
        Device: {
          __resolveReference: reference,
          alerts: ({ id }: { id: string }) => [
            { id: `${id}-1`, severity: 'WARNING', title: 'PM2.5 high', startedAt: TIME },
          ],
        },
      },
    },
    {
      name: 'predictions',
      sdl: `type Query { ready: Boolean } type Device @key(fields: "id") { id: ID! forecast: [Point!]! }
        type Point { time: String! value: Float! lower: Float! upper: Float! }`,
      resolvers: {
        Device: {
          __resolveReference: reference,
          forecast: () => [1, 2].map((hour) => ({ time: TIME, value: 10 + hour, lower: 8.5, upper: 14.25 })),
        },
      },
    },
  ];
}

/** The subgraphs, what they compose to, and their events. */
export function benchCity() {
  const listeners = new Set<(event: unknown) => void>();
  let sent = 0;
  const all = definitions(() => listener(listeners));
  const composed = composeServices(
    all.map(({ name, sdl }) => ({ name, url: `http://${name}.invalid`, typeDefs: parse(FEDERATION + sdl) })),
  );
  if (composed.errors) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  const close = async (): Promise<void> => undefined;
  const subgraphs = all.map(
    ({ name, sdl, resolvers }): Subgraph => ({
      name,
      sdl: FEDERATION + sdl,
      schema: subgraphSchema(FEDERATION + sdl, resolvers),
      context: (viewer) => ({ viewer }),
      caughtUp: close,
      close,
      [Symbol.asyncDispose]: close,
    }),
  );
  const events: Events = {
    publish() {
      sent += 1;
      for (const hear of listeners) hear(measurement(sent % MEASUREMENTS));
    },
    get listeners() {
      return listeners.size;
    },
  };
  return { supergraphSdl: composed.supergraphSdl, subgraphs, events };
}

function listener(listeners: Set<(event: unknown) => void>): AsyncIterableIterator<unknown> {
  const waiting: unknown[] = [];
  let wake: ((result: IteratorResult<unknown>) => void) | undefined;
  const hear = (value: unknown): void => {
    if (!wake) waiting.push(value);
    else wake({ done: false, value });
    wake = undefined;
  };
  listeners.add(hear);
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
