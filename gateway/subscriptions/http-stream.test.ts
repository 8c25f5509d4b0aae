import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CALLED_BACK, NOW_MS, type Served, serve, testToken } from '../fixtures/served.ts';
import { type SmallCity, smallCity } from '../fixtures/small-city.ts';
import { openStream, type StreamRequest } from '../fixtures/stream-client.ts';
import { until } from '../fixtures/until.ts';

const SUBSCRIPTION = 'subscription { reading { metric device { name } } }';

let city: SmallCity;
let served: Served;
beforeEach(async () => {
  city = smallCity();
  served = await serve(city.subgraphs);
});
afterEach(() => served.close());

const open = (asked: StreamRequest) => openStream(served.url, asked);

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

  it('ends with an error within half a minute when the token is called back', async () => {
    const headers = { authorization: `Bearer ${testToken('fired')}` };
    const stream = await open({ query: SUBSCRIPTION, headers });
    CALLED_BACK.add('fired');
    await served.clock.advance(30_000);
    await stream.ended;
    expect(stream.text()).toContain('UNAUTHENTICATED');
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

/** The JSON of each part of a multipart body, as a client takes it: when the next delimiter is there. */
function partsOf(text: string): readonly unknown[] {
  return text
    .split('\r\n--graphql')
    .slice(1, -1)
    .map((part) => JSON.parse(part.slice(part.indexOf('\r\n\r\n') + 4)));
}

describe('a subscription over multipart', () => {
  const headers = { accept: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0, application/json' };

  it('begins with a heartbeat, and envelops each answer in a part that is whole at once', async () => {
    const stream = await open({ query: SUBSCRIPTION, headers });
    expect(stream.response.headers.get('content-type')).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
    expect(city.readings.listeners).toBe(1);
    city.readings.publish('a');
    const data = { reading: { metric: 'PM2_5', device: { name: 'Device a' } } };
    await until(() => partsOf(stream.text()).length === 2);
    expect(partsOf(stream.text())).toEqual([{}, { payload: { data } }]);
    await served.clock.advance(15_000);
    await until(() => partsOf(stream.text()).length === 3);
    expect(partsOf(stream.text()).at(-1)).toEqual({});
    stream.gone.abort();
    await until(() => city.readings.listeners === 0);
  });

  it('ends with its last boundary when the gateway closes', async () => {
    const stream = await open({ query: SUBSCRIPTION, headers });
    await served.gateway.close();
    await stream.ended;
    expect(stream.text()).toMatch(/\r\n--graphql--\r\n$/);
  });

  it('says why it ends beside a payload of null', async () => {
    const authorization = `Bearer ${testToken('u', NOW_MS + 5_000)}`;
    const stream = await open({ query: SUBSCRIPTION, headers: { ...headers, authorization } });
    await served.clock.advance(5_000);
    await stream.ended;
    expect(partsOf(stream.text()).at(-1)).toMatchObject({
      payload: null,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(stream.text()).toMatch(/\r\n--graphql--\r\n$/);
    expect(city.readings.listeners).toBe(0);
  });

  it('shares one execution with server-sent events', async () => {
    const [one, other] = [await open({ query: SUBSCRIPTION, headers }), await open({ query: SUBSCRIPTION })];
    city.readings.publish('a');
    await until(() => one.text().includes('Device a') && other.text().includes('Device a'));
    expect(city.resolved.get('event')).toBe(1);
    one.gone.abort();
    other.gone.abort();
  });

  it('answers a query in one part', async () => {
    const stream = await open({ query: '{ device(id: "a") { name } }', headers });
    await stream.ended;
    expect(partsOf(stream.text())).toEqual([{}, { payload: { data: { device: { name: 'Device a' } } } }]);
  });

  it('is not what a client gets that means another kind of parts', async () => {
    const accept = 'multipart/mixed;deferSpec=20220824, application/json';
    const { response } = await open({ query: '{ __typename }', headers: { accept } });
    expect(response.headers.get('content-type')).toContain('json');
  });
});
