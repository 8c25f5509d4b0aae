import { describe, expect, it } from 'vitest';
import { openTransport } from './transport.ts';

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

/** A graph that gives this answer to everything. */
function answering(answer: () => Response, options: { readonly token?: string } = {}) {
  const asked: Asked[] = [];
  const transport = openTransport({
    url: 'http://city/',
    ...options,
    fetch: async (url, init) => {
      asked.push({ url, init });
      return answer();
    },
  });
  return { asked, transport };
}

const json =
  (value: unknown, status = 200) =>
  () =>
    Response.json(value, { status });
const ID = 'a'.repeat(64);

describe('a call', () => {
  it('that nobody answers is UNREACHABLE, and says why', async () => {
    const cause = new TypeError('fetch failed');
    const { transport } = answering(() => {
      throw cause;
    });
    await expect(transport.call({ kind: 'query', id: ID }, {})).rejects.toMatchObject({ code: 'UNREACHABLE', cause });
  });

  it('is ended by its own signal and by that of the graph, with the reason of either', async () => {
    const pending = (signal?: AbortSignal) =>
      openTransport({
        url: 'http://city',
        ...(signal ? { signal } : {}),
        fetch: (_, init) =>
          new Promise((__, reject) => {
            if (init.signal?.aborted) return reject(init.signal.reason);
            init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
          }),
      });
    const whole = new AbortController();
    const calls = [
      pending(whole.signal).call({ kind: 'query', id: ID }, {}),
      pending().call({ kind: 'text', text: '{ a }' }, {}, { signal: AbortSignal.abort('mine') }),
      pending(new AbortController().signal).call({ kind: 'query', id: ID }, {}, { signal: whole.signal }),
    ];
    whole.abort('all');
    await expect(Promise.allSettled(calls)).resolves.toEqual(
      ['all', 'mine', 'all'].map((reason) => ({ status: 'rejected', reason })),
    );
  });

  it('that is too much says how long to wait', async () => {
    const body = JSON.stringify({ title: 'Too many calls.', code: 'RATE_LIMITED' });
    const { transport } = answering(() => new Response(body, { status: 429, headers: { 'retry-after': '7' } }));
    await expect(transport.call({ kind: 'query', id: ID }, {})).rejects.toMatchObject({
      ...{ code: 'RATE_LIMITED', retryAfterMs: 7_000 },
    });
  });

  it('of a registered query is a GET that caches can keep', async () => {
    const { asked, transport } = answering(json({ data: { zones: [] } }));
    expect(await transport.call({ kind: 'query', id: ID }, { first: 1 })).toEqual({ zones: [] });
    expect(asked[0]?.url).toBe(`http://city/graphql/${ID}?variables=%7B%22first%22%3A1%7D`);
    expect(asked[0]?.init.method).toBeUndefined();
  });

  it('with variables too long for an address goes by POST, as mutations do', async () => {
    const { asked, transport } = answering(json({ data: {} }), { token: 'key' });
    await transport.call({ kind: 'query', id: ID }, { search: 'x'.repeat(5_000) });
    await transport.call({ kind: 'mutation', id: ID }, { a: 1 });
    expect(asked.map(({ url, init }) => `${init.method} ${url}`)).toEqual(Array(2).fill('POST http://city/graphql'));
    expect(JSON.parse(String(asked[1]?.init.body))).toEqual({ id: ID, variables: { a: 1 } });
    expect(asked[1]?.init.headers).toMatchObject({ authorization: 'Bearer key' });
  });

  it('that is answered in part throws, and keeps the part', async () => {
    const errors = [{ message: 'A part does not answer.', extensions: { code: 'UNAVAILABLE' } }];
    const { transport } = answering(json({ data: { device: null }, errors }));
    await expect(transport.call({ kind: 'text', text: '{ device { id } }' }, {})).rejects.toMatchObject({
      ...{ name: 'GreenCityError', code: 'UNAVAILABLE', errors, data: { device: null } },
    });
  });

  it.each([
    [
      json({ type: 'about:blank', status: 413, title: 'Too large.', detail: 'At most 1 byte.' }, 413),
      'Too large. At most 1 byte.',
    ],
    [() => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }), 'The graph answered 502 Bad Gateway.'],
  ])('that something in between refuses says what it said', async (answer, message) => {
    const { transport } = answering(answer);
    await expect(transport.call({ kind: 'query', id: ID }, {})).rejects.toMatchObject({ code: 'UNKNOWN', message });
  });
});
