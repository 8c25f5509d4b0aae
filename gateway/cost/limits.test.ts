/** The limits on cost and rate hold on every way in: HTTP, event streams and WebSocket, by one budget. */
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type Served, serve, testToken } from '../fixtures/served.ts';
import { smallCity } from '../fixtures/small-city.ts';
import { socketClient } from '../fixtures/socket-client.ts';
import { DEFAULT_RATE_LIMITS, DEFAULT_SETTINGS, type RateLimits } from '../settings.ts';

let served: Served;
afterEach(async () => await served.close());

const SOMEBODY = { 'x-forwarded-for': '203.0.113.5' };
const SOMEBODY_ELSE = { 'x-forwarded-for': '203.0.113.6' };

async function open(rates: Partial<RateLimits> = {}, costMax = 30): Promise<void> {
  const limits = { ...DEFAULT_SETTINGS.limits, costMax };
  served = await serve(smallCity().subgraphs, { limits, rates: { ...DEFAULT_RATE_LIMITS, ...rates } });
}

interface Refusal {
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

async function post(query: string, headers: Record<string, string> = SOMEBODY) {
  const response = await fetch(`${served.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  const body = (await response.json()) as Refusal;
  return { status: response.status, headers: response.headers, code: body.errors?.[0]?.extensions.code };
}

async function overWebSocket(query: string, headers: Record<string, string> = SOMEBODY): Promise<string | undefined> {
  class From extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { headers });
    }
  }
  const client = createClient({ url: served.wsUrl, webSocketImpl: From, retryAttempts: 0 });
  try {
    for await (const { errors } of client.iterate({ query })) {
      return (errors?.[0]?.extensions as { code?: string } | undefined)?.code;
    }
    return undefined;
  } catch (refused) {
    return (refused as readonly { readonly extensions?: { readonly code?: string } }[])[0]?.extensions?.code;
  } finally {
    await client.dispose();
  }
}

async function asEventStream(query: string): Promise<string> {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', ...SOMEBODY };
  const response = await fetch(`${served.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return await response.text();
}

/** Ten objects, as lists are taken to be where nothing is declared. */
const TEN = '{ devices { id } }';
/** Ten times four objects. */
const FORTY = '{ latest { device { latest { device { id } } } } }';

describe('what one operation may cost', () => {
  it('is refused beyond the limit with the cost and the limit, whichever way it comes', async () => {
    await open();
    expect((await post(FORTY)).code).toBe('TOO_COSTLY');
    expect(await overWebSocket(FORTY)).toBe('TOO_COSTLY');
    expect(await asEventStream(FORTY)).toContain('TOO_COSTLY');
    expect((await post(TEN)).code).toBeUndefined();
  });
});

describe('the budget of a minute', () => {
  it('is said in the headers of each answer, and when it is spent, so is when to come again', async () => {
    await open({ anonymousCostPerMinute: 25 });
    const first = await post(TEN);
    expect([first.status, first.headers.get('ratelimit-limit'), first.headers.get('ratelimit-remaining')]).toEqual([
      200,
      '25',
      '15',
    ]);
    expect(first.headers.get('ratelimit-policy')).toBe('25;w=60');
    await post(TEN);
    const third = await post(TEN);
    expect([third.status, third.code]).toEqual([429, 'RATE_LIMITED']);
    // Five points are left and ten are asked for: the other five come within 12 seconds at 25 a minute.
    expect(third.headers.get('retry-after')).toBe('12');
    expect(third.headers.get('ratelimit-remaining')).toBe('5');
    expect(third.headers.get('content-security-policy')).toContain("default-src 'self'");
    await served.clock.advance(12_000);
    expect((await post(TEN)).status).toBe(200);
  });

  it('is one for HTTP, event streams and WebSocket', async () => {
    await open({ anonymousCostPerMinute: 25 });
    expect(await overWebSocket(TEN)).toBeUndefined();
    expect(await asEventStream(TEN)).toContain('"devices"');
    expect(await overWebSocket(TEN)).toBe('RATE_LIMITED');
    expect(await asEventStream(TEN)).toContain('RATE_LIMITED');
    expect((await post(TEN)).status).toBe(429);
  });

  it('is each one’s own: another address and who signed in are not touched', async () => {
    await open({ anonymousCostPerMinute: 10, userCostPerMinute: 10 });
    await post(TEN);
    expect((await post(TEN)).status).toBe(429);
    expect((await post(TEN, SOMEBODY_ELSE)).status).toBe(200);
    const signedIn = { ...SOMEBODY, authorization: `Bearer ${testToken('ann')}` };
    expect((await post(TEN, signedIn)).status).toBe(200);
    expect((await post(TEN, signedIn)).status).toBe(429);
    // The same person from somewhere else has spent it, too.
    expect((await post(TEN, { ...signedIn, ...SOMEBODY_ELSE })).status).toBe(429);
  });

  it('is not kept for programs on this machine itself, unless it is asked for', async () => {
    await open({ anonymousCostPerMinute: 10 });
    for (let call = 0; call < 3; call += 1) expect((await post(TEN, {})).status).toBe(200);
  });

  it('is kept for them when it is asked for', async () => {
    await open({ anonymousCostPerMinute: 10, limitLocal: true });
    await post(TEN, {});
    expect((await post(TEN, {})).status).toBe(429);
  });
});

describe('the requests of an address', () => {
  it('are counted before anything is read', async () => {
    await open({ requestsPerMinute: 2 });
    const live = () => fetch(`${served.url}/live`, { headers: SOMEBODY });
    expect([(await live()).status, (await live()).status]).toEqual([200, 200]);
    const third = await live();
    expect([third.status, third.headers.get('content-type')]).toEqual([429, 'application/problem+json']);
    expect(await third.json()).toMatchObject({ code: 'RATE_LIMITED' });
    expect(third.headers.get('retry-after')).toBe('30');
    expect(third.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('count for more when they are wrong', async () => {
    await open({ requestsPerMinute: 50 });
    for (let call = 0; call < 2; call += 1) expect((await post('{ nothing }')).status).toBe(400);
    // Two cost 21 each; of the 8 that are left, the third takes one and all of the rest.
    expect((await post('{ nothing }')).status).toBe(400);
    expect((await post(TEN)).status).toBe(429);
    expect((await post(TEN, SOMEBODY_ELSE)).status).toBe(200);
  });

  it('are counted for WebSockets and what is asked over them, too', async () => {
    await open({ requestsPerMinute: 2 });
    expect(await overWebSocket(TEN)).toBeUndefined();
    const refused = await new Promise<number | undefined>((resolve) => {
      const socket = new WebSocket(served.wsUrl, 'graphql-transport-ws', { headers: SOMEBODY });
      socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
      socket.on('error', () => undefined);
    });
    expect(refused).toBe(429);
  });

  it('count for more over a WebSocket when they are wrong, as over HTTP', async () => {
    await open({ requestsPerMinute: 50 });
    const client = await socketClient(served.wsUrl, 'graphql-transport-ws', SOMEBODY);
    await client.init();
    const codes: string[] = [];
    for (const id of ['1', '2', '3', '4']) {
      client.subscribe(id, '{ nothing }');
      const messages = await client.received(codes.length + 2);
      codes.push(messages.at(-1)?.payload[0].extensions.code);
    }
    // The connection costs 1, two wrong ones 21 each; of the 7 that are left, the third takes one and all of the rest.
    expect(codes).toEqual([...Array(3).fill('GRAPHQL_VALIDATION_FAILED'), 'RATE_LIMITED']);
    client.socket.terminate();
  });
});
