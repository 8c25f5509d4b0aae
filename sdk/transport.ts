import { answerOf, dataOf, unreachable } from './answer.ts';
import { type Going, goingOn, type SubscribeOptions } from './going-on.ts';

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What a client needs to know of a graph. */
export interface GreenCityOptions {
  /** Where it is, as `http://localhost:4000`. */
  readonly url: string;
  /** An access token or an API key; a function is asked before each call. Public data need none. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined;
  /** In the place of the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Ends all calls and subscriptions when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions {
  /** Ends this call when it is aborted: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** An operation by its id, or by its text. */
export type Operation =
  | { readonly kind: 'query' | 'mutation'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string };

export type Variables = Readonly<Record<string, unknown>>;

export interface Transport {
  /** @throws GreenCityError */
  call<T>(operation: Operation, variables: Variables, options?: CallOptions): Promise<T>;
  /** @throws GreenCityError */
  subscribe<T>(
    operation: Operation | { readonly kind: 'subscription'; readonly id: string },
    variables: Variables,
    options?: SubscribeOptions,
  ): AsyncGenerator<T, void, undefined>;
}

/** Addresses longer than this go by POST. */
const URL_LENGTH_MAX = 4_096;

export function openTransport({ url, token, fetch: fetched = fetch, signal }: GreenCityOptions): Transport {
  const graph = `${url.replace(/\/+$/, '')}/graphql`;
  const ask = async (address: string, init: RequestInit, accept: string): Promise<Response> => {
    const bearer = typeof token === 'function' ? await token() : token;
    const authorization: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    const headers = { ...(init.headers as Record<string, string>), accept, ...authorization };
    return await fetched(address, { ...init, headers }).catch(unreachable);
  };
  const post = async (body: unknown, accept: string, ends: RequestInit): Promise<Response> => {
    const headers = { 'content-type': 'application/json' };
    return await ask(graph, { ...ends, method: 'POST', headers, body: JSON.stringify(body) }, accept);
  };
  const bodyOf = (operation: { readonly id: string } | { readonly text: string }, variables: Variables) =>
    'id' in operation ? { id: operation.id, variables } : { query: operation.text, variables };
  return {
    async call<T>(operation: Operation, variables: Variables, options: CallOptions = {}): Promise<T> {
      const accept = 'application/json';
      const ends = signalOf(signal, options.signal);
      const address =
        operation.kind === 'query'
          ? `${graph}/${operation.id}?variables=${encodeURIComponent(JSON.stringify(variables))}`
          : undefined;
      const response =
        address !== undefined && address.length <= URL_LENGTH_MAX
          ? await ask(address, ends, accept)
          : await post(bodyOf(operation, variables), accept, ends);
      return dataOf(await answerOf(response), response);
    },
    subscribe<T>(
      operation: Operation | { readonly kind: 'subscription'; readonly id: string },
      variables: Variables,
      options: SubscribeOptions = {},
    ) {
      const open = (start: Going, ends: AbortSignal) =>
        post({ ...bodyOf(operation, variables), extensions: start }, 'text/event-stream', { signal: ends });
      const renewable = typeof token === 'function';
      return goingOn<T>(open, { ...options, ...signalOf(signal, options.signal), renewable });
    },
  };
}

/** What ends a call: either of both. */
function signalOf(...signals: readonly (AbortSignal | undefined)[]): { readonly signal?: AbortSignal } {
  const [first, ...others] = signals.filter((signal) => signal !== undefined);
  if (!first) return {};
  return { signal: others.length === 0 ? first : AbortSignal.any([first, ...others]) };
}
