import { type Api, apiOf } from './generated/api.ts';
import type { SubscribeOptions } from './going-on.ts';
import { type CallOptions, type GreenCityOptions, openTransport } from './transport.ts';

/** The graph of a city, as typed functions. */
export interface GreenCity extends Api {
  /** Any query or mutation, in your own words. @throws GreenCityError */
  query<T>(text: string, variables?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<T>;
  /** Any subscription, in your own words: ends when you leave the loop. @throws GreenCityError */
  subscribe<T>(
    text: string,
    variables?: Readonly<Record<string, unknown>>,
    options?: SubscribeOptions,
  ): AsyncGenerator<T, void, undefined>;
  /** An operation that your app has registered, by its id. @throws GreenCityError */
  registered<T>(id: string, variables?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<T>;
}

/** Opens the graph at a URL such as `https://air.example.org`. Registered queries go by GET and their id, so that caches can help; events come over HTTP as server-sent events. */
export function greenCity(options: GreenCityOptions): GreenCity {
  const transport = openTransport(options);
  return {
    ...apiOf(transport),
    query: (text, variables = {}, more = {}) => transport.call({ kind: 'text', text }, variables, more),
    subscribe: (text, variables = {}, more = {}) => transport.subscribe({ kind: 'text', text }, variables, more),
    registered: (id, variables = {}, more = {}) => transport.call({ kind: 'query', id }, variables, more),
  };
}
