import { type Api, apiOf } from './generated/api.ts';
import { type GraphError, type GreenCityOptions, openTransport } from './transport.ts';

export type { GraphError, GreenCityOptions };

/** The graph of a city, as typed functions. */
export interface GreenCity extends Api {
  /** Any query or mutation, in your own words. @throws GreenCityError */
  query<T>(text: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /** Any subscription, in your own words: ends when you leave the loop. @throws GreenCityError */
  subscribe<T>(text: string, variables?: Readonly<Record<string, unknown>>): AsyncGenerator<T, void, undefined>;
}

/** Opens the graph at a URL such as `https://air.example.org`. Registered queries go by GET and their id, so that caches can help; events come over HTTP as server-sent events. */
export function greenCity(options: GreenCityOptions): GreenCity {
  const transport = openTransport(options);
  return {
    ...apiOf(transport),
    query: (text, variables = {}) => transport.call({ kind: 'text', text }, variables),
    subscribe: (text, variables = {}) => transport.subscribe({ kind: 'text', text }, variables),
  };
}
