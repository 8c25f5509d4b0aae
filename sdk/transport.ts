/** What a client needs to know of a graph. */
export interface GreenCityOptions {
  /** Where it is, as `http://localhost:4000`. */
  readonly url: string;
  /** An access token or an API key; a function is asked before each call. Public data need none. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  /** In the place of the global `fetch`. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Ends calls and subscriptions when it is aborted. */
  readonly signal?: AbortSignal;
}

/** An error of an answer. */
export interface GraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: { readonly code?: string; readonly field?: string; readonly requestId?: string };
}

/** A call that was refused, or that only a part of the platform could answer. */
export class GreenCityError extends Error {
  /** `extensions.code` of the first error: docs/errors.md explains each. */
  readonly code: string;
  readonly errors: readonly GraphError[];
  /** What could be answered; undefined when nothing was. */
  readonly data: unknown;

  constructor(errors: readonly GraphError[], data: unknown) {
    super(errors.map(({ message }) => message).join(' '));
    this.name = 'GreenCityError';
    this.code = errors[0]?.extensions?.code ?? 'UNKNOWN';
    this.errors = errors;
    this.data = data;
  }
}

/** An operation by its id, or by its text. */
export type Operation =
  | { readonly kind: 'query' | 'mutation'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string };

type Variables = Readonly<Record<string, unknown>>;

export interface Transport {
  /** @throws GreenCityError */
  call<T>(operation: Operation, variables: Variables): Promise<T>;
  /** @throws GreenCityError */
  subscribe<T>(
    operation: Operation | { readonly kind: 'subscription'; readonly id: string },
    variables: Variables,
  ): AsyncGenerator<T, void, undefined>;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphError[];
}

/** Addresses longer than this go by POST. */
const URL_LENGTH_MAX = 4_096;

export function openTransport({ url, token, fetch: fetched = fetch, signal }: GreenCityOptions): Transport {
  const graph = `${url.replace(/\/+$/, '')}/graphql`;
  const headers = async (accept: string): Promise<Record<string, string>> => {
    const bearer = typeof token === 'function' ? await token() : token;
    return { accept, ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }) };
  };
  const init = signal === undefined ? {} : { signal };
  const post = async (body: unknown, accept: string, more: RequestInit = init): Promise<Response> =>
    await fetched(graph, {
      ...more,
      method: 'POST',
      headers: { ...(await headers(accept)), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const bodyOf = (operation: { readonly id: string } | { readonly text: string }, variables: Variables) =>
    'id' in operation ? { id: operation.id, variables } : { query: operation.text, variables };
  return {
    async call<T>(operation: Operation, variables: Variables): Promise<T> {
      const accept = 'application/json';
      if (operation.kind === 'query') {
        const address = `${graph}/${operation.id}?variables=${encodeURIComponent(JSON.stringify(variables))}`;
        if (address.length <= URL_LENGTH_MAX)
          return dataOf(await answerOf(await fetched(address, { ...init, headers: await headers(accept) })));
      }
      return dataOf(await answerOf(await post(bodyOf(operation, variables), accept)));
    },
    async *subscribe<T>(
      operation: Operation | { readonly kind: 'subscription'; readonly id: string },
      variables: Variables,
    ) {
      const leaving = new AbortController();
      const ends = { signal: signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal };
      try {
        const response = await post(bodyOf(operation, variables), 'text/event-stream', ends);
        if (response.headers.get('content-type')?.startsWith('text/event-stream'))
          for await (const payload of events(response)) yield dataOf<T>(JSON.parse(payload) as Answer);
        else dataOf(await answerOf(response));
      } finally {
        leaving.abort();
      }
    },
  };
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    const answer = JSON.parse(text) as Answer & { readonly title?: string; readonly detail?: string };
    if (answer.data !== undefined || answer.errors !== undefined) return answer;
    return { errors: [{ message: `${answer.title ?? response.statusText} ${answer.detail ?? ''}`.trim() }] };
  } catch {
    return { errors: [{ message: `The graph answered ${response.status} ${response.statusText}.` }] };
  }
}

function dataOf<T>({ data, errors }: Answer): T {
  if (errors && errors.length > 0) throw new GreenCityError(errors, data ?? undefined);
  return data as T;
}

/** Payloads of `next` events, until the stream is complete. */
async function* events(response: Response): AsyncGenerator<string, void, undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = '';
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return;
    const blocks = (waiting + value).split('\n\n');
    waiting = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split('\n');
      if (lines.includes('event: complete')) return;
      const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
      if (lines.includes('event: next')) yield data.join('\n');
    }
  }
}
