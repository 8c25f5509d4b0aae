import { AppError } from '@greencity/platform/errors';
import type { TestSubgraph } from './composed.ts';

/** A source of events that can be counted and cannot lose a listener. */
export interface Channel {
  publish(event: unknown): void;
  readonly listeners: number;
  listen(): AsyncIterableIterator<unknown>;
}

export function channel(): Channel {
  const listeners = new Set<(event: unknown) => void>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    get listeners() {
      return listeners.size;
    },
    listen() {
      const waiting: unknown[] = [];
      let wake: ((result: IteratorResult<unknown>) => void) | undefined;
      const hear = (event: unknown): void => {
        if (!wake) return void waiting.push(event);
        wake({ done: false, value: event });
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
    },
  };
}

/** What happens in the small city; a test changes it. */
export interface SmallCity {
  readonly readings: Channel;
  /** Fields that were resolved, by name. */
  readonly resolved: Map<string, number>;
  readonly subgraphs: readonly TestSubgraph[];
}

const DEVICES = `
  type Query { device(id: ID!): Device devices: [Device!]! }
  type Mutation { rename(id: ID!, name: String!): Device! }
  type Device @key(fields: "id") { id: ID! name: String! zone: Zone! broken: String secret: String }
  type Zone { id: ID! name: String! }`;
const READINGS = `
  type Query { of(id: ID!): Reading latest: [Reading!]! many(count: Int! = 2): [Reading!]! }
  type Subscription { reading(device: ID): Reading! }
  type Mutation { record(values: [Float!]!): Int! }
  type Reading { metric: String! value: Float! device: Device! }
  type Device @key(fields: "id") { id: ID! latest: Reading mood(how: String = "fine"): String }`;

/** Two subgraphs, devices and readings. Device `dead` makes devices fail, `nobody` is not known there. */
export function smallCity(): SmallCity {
  const readings = channel();
  const resolved = new Map<string, number>();
  const count = (name: string): void => void resolved.set(name, (resolved.get(name) ?? 0) + 1);
  const device = (id: string) => {
    count('device');
    if (id === 'dead') throw new Error('password=hunter2');
    return id === 'nobody' ? null : { id, name: `Device ${id}`, zone: { id: 'z', name: 'Zone' } };
  };
  const reading = (id: string) => ({ metric: 'PM2_5', value: 12.5, device: { id } });
  return {
    readings,
    resolved,
    subgraphs: [
      {
        name: 'devices',
        sdl: DEVICES,
        resolvers: {
          Query: {
            device: (_: unknown, { id }: { id: string }) => device(id),
            devices: () => [device('a'), device('b')],
          },
          Mutation: {
            rename(_: unknown, { id, name }: { id: string; name: string }) {
              if (name === '') throw new AppError('BAD_USER_INPUT', 'name: must not be empty');
              return { ...device(id), name };
            },
          },
          Device: {
            __resolveReference: ({ id }: { id: string }) => device(id),
            broken() {
              throw new TypeError('secret=42');
            },
            secret() {
              throw new AppError('FORBIDDEN', 'needs the role OPERATOR');
            },
          },
        },
      },
      {
        name: 'readings',
        sdl: READINGS,
        resolvers: {
          Query: {
            of: (_: unknown, { id }: { id: string }) => reading(id),
            latest: () => ['a', 'b', 'a'].map(reading),
            many: (_: unknown, { count: length }: { count: number }) =>
              Array.from({ length }, (__, index) => reading(`d${index}`)),
          },
          Subscription: {
            reading: {
              subscribe: (_: unknown, args: { device?: string }) => {
                if (args.device === 'dead') throw new AppError('NOT_FOUND', 'device dead');
                return readings.listen();
              },
              resolve(event: unknown) {
                count('event');
                return reading(String(event));
              },
            },
          },
          Mutation: { record: (_: unknown, { values }: { values: number[] }) => values.length },
          Device: {
            latest: ({ id }: { id: string }) => reading(id),
            mood: ({ id }: { id: string }, { how }: { how: string }) => `${id} is ${how}`,
          },
        },
      },
    ],
  };
}
