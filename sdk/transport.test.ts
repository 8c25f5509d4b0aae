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

describe('a subscription', () => {
  /** A stream in these chunks, wherever they are cut. */
  const streaming =
    (...chunks: readonly string[]) =>
    () => {
      const body = ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
      return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
    };

  it('gives each event, however the stream is cut, and ends when it is complete', async () => {
    const { transport, asked } = answering(
      streaming(
        ':\n\nevent: next\nda',
        'ta: {"data":{"a":1}}\n',
        '\nevent: next\ndata: {"data":{"a":2}}\n\nevent: complete\ndata:\n\n',
      ),
    );
    const events: unknown[] = [];
    for await (const event of transport.subscribe({ kind: 'subscription', id: ID }, {})) events.push(event);
    expect(events).toEqual([{ a: 1 }, { a: 2 }]);
    expect(asked[0]?.init.headers).toMatchObject({ accept: 'text/event-stream' });
  });

  it('closes its connection when the loop is left', async () => {
    const { transport, asked } = answering(streaming('event: next\ndata: {"data":1}\n\n', ':\n\n'));
    for await (const _ of transport.subscribe({ kind: 'text', text: 'subscription { a }' }, {})) break;
    expect(asked[0]?.init.signal?.aborted).toBe(true);
  });

  it('that is refused throws', async () => {
    const { transport } = answering(json({ errors: [{ message: 'No.', extensions: { code: 'FORBIDDEN' } }] }, 403));
    const events = transport.subscribe({ kind: 'subscription', id: ID }, {});
    await expect(events.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
