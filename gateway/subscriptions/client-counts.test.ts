/** How much one address may hold open, and when that holds for programs on this machine itself. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../fixtures/served.ts';
import { smallCity } from '../fixtures/small-city.ts';
import { type SocketClient, socketClient } from '../fixtures/socket-client.ts';
import { until } from '../fixtures/until.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

const SOMEBODY = { 'x-forwarded-for': '203.0.113.5' };
const SOMEBODY_ELSE = { 'x-forwarded-for': '203.0.113.6' };
const HERE = {};

let served: Served;
let open: SocketClient[];
let streams: AbortController[];
afterEach(async () => {
  for (const { socket } of open) socket.terminate();
  for (const stream of streams) stream.abort();
  await served.close();
});

async function start(limitLocal: boolean): Promise<void> {
  [open, streams] = [[], []];
  const most = { connectionsPerClientMax: 2, eventStreamsPerClientMax: 2, limitLocal };
  served = await serve(smallCity().subgraphs, { streams: { ...DEFAULT_SETTINGS.streams, ...most } });
}

/** Connects by WebSocket; gives `open`, or what was answered in its place. */
async function connect(headers: Readonly<Record<string, string>>): Promise<string> {
  try {
    open.push(await socketClient(served.wsUrl, undefined, headers));
    return 'open';
  } catch (error) {
    return (error as Error).message;
  }
}

/** Asks for an event stream; gives its status. */
async function stream(headers: Readonly<Record<string, string>>): Promise<number> {
  const ending = new AbortController();
  streams.push(ending);
  const response = await fetch(`${served.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify({ query: 'subscription { reading(device: "a") { metric } }' }),
    signal: ending.signal,
  });
  return response.status;
}

const REFUSED = 'Unexpected server response: 429';

describe('what an address holds open', () => {
  it('is counted, and free again when it is closed', async () => {
    await start(false);
    expect([await connect(SOMEBODY), await connect(SOMEBODY), await connect(SOMEBODY)]).toEqual([
      'open',
      'open',
      REFUSED,
    ]);
    expect(await connect(SOMEBODY_ELSE)).toBe('open');
    open[0]?.socket.close();
    await open[0]?.closed;
    await until(() => served.metrics.exposition().includes('gateway_web_sockets 2'));
    expect(await connect(SOMEBODY)).toBe('open');
    expect([await stream(SOMEBODY), await stream(SOMEBODY), await stream(SOMEBODY)]).toEqual([200, 200, 429]);
  });

  it('is not counted for programs on this machine itself', async () => {
    await start(false);
    for (let count = 0; count < 3; count += 1) expect([await connect(HERE), await stream(HERE)]).toEqual(['open', 200]);
  });

  it('is counted for them where they are limited, too', async () => {
    await start(true);
    expect([await connect(HERE), await connect(HERE), await connect(HERE)]).toEqual(['open', 'open', REFUSED]);
    expect([await stream(HERE), await stream(HERE), await stream(HERE)]).toEqual([200, 200, 429]);
  });
});
