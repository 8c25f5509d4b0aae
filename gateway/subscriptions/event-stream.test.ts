import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NOW_MS, type Served, serve, testToken } from '../fixtures/served.ts';
import { type SmallCity, smallCity } from '../fixtures/small-city.ts';

const SUBSCRIPTION = 'subscription { reading { metric device { name } } }';

let city: SmallCity;
let served: Served;
beforeEach(async () => {
  city = smallCity();
  served = await serve(city.subgraphs);
});
afterEach(() => served.close());

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

interface Asked {
  readonly query: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
}

async function open({ query, method = 'POST', headers = {} }: Asked) {
  const gone = new AbortController();
  const response = await fetch(
    method === 'GET' ? `${served.url}/graphql?query=${encodeURIComponent(query)}` : `${served.url}/graphql`,
    {
      method,
      signal: gone.signal,
      headers: { accept: 'text/event-stream', 'content-type': 'application/json', ...headers },
      ...(method === 'POST' ? { body: JSON.stringify({ query }) } : {}),
    },
  );
  let text = '';
  const decoder = new TextDecoder();
  const ended = (async () => {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  })().catch(() => undefined);
  return { response, gone, ended, text: () => text };
}

describe('a subscription over server-sent events', () => {
  it('begins when nothing can be missed any more, and joins each event', async () => {
    const stream = await open({ query: SUBSCRIPTION });
    expect(stream.response.status).toBe(200);
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(city.readings.listeners).toBe(1);
    city.readings.publish('a');
    const payload = '{"data":{"reading":{"metric":"PM2_5","device":{"name":"Device a"}}}}';
    await until(() => stream.text().includes(`event: next\ndata: ${payload}\n\n`));
    stream.gone.abort();
    await until(() => city.readings.listeners === 0);
  });

  it.each([
    ['application/graphql-response+json, application/json, text/event-stream, multipart/mixed', 'json'],
    ['*/*', 'json'],
    ['application/json;q=0.5, text/event-stream', 'event-stream'],
    ['text/event-stream, multipart/mixed, application/json', 'event-stream'],
  ])('is what a client gets that accepts %s: %s', async (accept, type) => {
    const { response, gone } = await open({ query: '{ __typename }', headers: { accept } });
    expect(response.headers.get('content-type')).toContain(type);
    gone.abort();
  });

  it('works by GET for an EventSource', async () => {
    const stream = await open({ query: SUBSCRIPTION, method: 'GET' });
    city.readings.publish('b');
    await until(() => stream.text().includes('Device b'));
    stream.gone.abort();
  });

  it('shares one upstream and one execution of each event with equal ones', async () => {
    const [one, other] = [await open({ query: SUBSCRIPTION }), await open({ query: SUBSCRIPTION })];
    expect(city.readings.listeners).toBe(1);
    city.readings.publish('a');
    await until(() => one.text().includes('Device a') && other.text().includes('Device a'));
    expect(city.resolved.get('event')).toBe(1);
    one.gone.abort();
    other.gone.abort();
    await until(() => city.readings.listeners === 0);
  });

  it('ends with an error when the token does', async () => {
    const stream = await open({
      query: SUBSCRIPTION,
      headers: { authorization: `Bearer ${testToken('u', NOW_MS + 5_000)}` },
    });
    await served.clock.advance(5_000);
    await stream.ended;
    expect(stream.text()).toContain('UNAUTHENTICATED');
    expect(stream.text()).toMatch(/event: complete\ndata:\n\n$/);
    expect(city.readings.listeners).toBe(0);
  });

  it('is completed when the gateway closes', async () => {
    const stream = await open({ query: SUBSCRIPTION });
    await served.gateway.close();
    await stream.ended;
    expect(stream.text()).toMatch(/event: complete\ndata:\n\n$/);
  });

  it('is refused with a status before it begins', async () => {
    const notFound = await open({ query: 'subscription { reading(device: "dead") { metric } }' });
    expect(notFound.response.status).toBe(400);
    await notFound.ended;
    expect(JSON.parse(notFound.text()).errors[0].extensions.code).toBe('NOT_FOUND');
    expect((await open({ query: 'subscription { nothing }' })).response.status).toBe(400);
    expect((await open({ query: 'mutation { record(values: [1]) }', method: 'GET' })).response.status).toBe(405);
    const form = await open({ query: SUBSCRIPTION, headers: { 'content-type': 'text/plain' } });
    expect(form.response.status).toBe(415);
    expect((await open({ query: SUBSCRIPTION, headers: { authorization: 'Bearer forged' } })).response.status).toBe(
      401,
    );
    expect(city.readings.listeners).toBe(0);
  });
});

describe('a query over server-sent events', () => {
  it('is answered once and completed', async () => {
    const stream = await open({ query: '{ device(id: "a") { name } }' });
    await stream.ended;
    expect(stream.text()).toBe(
      ':\n\nevent: next\ndata: {"data":{"device":{"name":"Device a"}}}\n\nevent: complete\ndata:\n\n',
    );
  });
});
