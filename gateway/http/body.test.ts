import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openTurns, type Turns, WAITING_PER_CLIENT_MAX } from '../turns.ts';
import { readBody } from './body.ts';

const [FLOODER, OTHER] = ['203.0.113.5', '203.0.113.6'];
const BYTES_MAX = 64 * 1024;
const [SHORT, LONG] = ['x'.repeat(16 * 1024), 'x'.repeat(16 * 1024 + 1)];

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that says what it read, to a client at this address. */
async function reader(turns: Turns): Promise<(from: string, body: string) => Promise<string>> {
  const server = createServer(async (request, response) => {
    const body = await readBody(request, { bytesMax: BYTES_MAX, turns });
    response.end(body.kind === 'text' ? `${body.text.length} characters` : body.kind);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return async (from, body) => {
    const headers = { 'x-client-address': from };
    return await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).text();
  };
}

/** Sends a body in chunks as they are, and gives the answer's. */
async function chunked(server: Server, chunks: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunks}`);
  let answer = '';
  for await (const bytes of socket) answer += String(bytes);
  return (
    answer
      .split('\r\n\r\n')[1]
      ?.split('\r\n')
      .find((line) => /[a-z]{2}/.test(line)) ?? answer
  );
}

/** Turns for which as much of one client waits as may, whenever somebody asks for one. */
function turnsFullOf(from: string): Turns {
  const turns = openTurns();
  return {
    take(who) {
      for (let count = 0; count <= WAITING_PER_CLIENT_MAX; count += 1)
        Promise.resolve(turns.take(from)).catch(() => undefined);
      return turns.take(who);
    },
  };
}

describe('a body', () => {
  it('is there with all its letters, in whatever pieces it came', async () => {
    const post = await reader(openTurns());
    expect(await post(OTHER, '')).toBe('0 characters');
    expect(await post(OTHER, 'é'.repeat(30_000))).toBe('30000 characters');
  });

  it('that is too long is not read', async () => {
    const post = await reader(openTurns());
    expect(await post(OTHER, 'x'.repeat(BYTES_MAX))).toBe(`${BYTES_MAX} characters`);
    expect(await post(OTHER, 'x'.repeat(BYTES_MAX + 1))).toBe('too-large');
  });

  it('that comes in more pieces than there may be is not read', async () => {
    const post = await reader(openTurns());
    const chunks = (count: number) => `${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`;
    expect(await post(OTHER, '')).toBe('0 characters');
    const address = servers.at(-1) as Server;
    expect(await chunked(address, chunks(2_048))).toBe('2048 characters');
    expect(await chunked(address, chunks(2_049))).toBe('too-large');
  });

  it('waits for its turn when it is long, and is refused to a client of whom too much waits', async () => {
    const post = await reader(turnsFullOf(FLOODER));
    expect(await post(FLOODER, LONG)).toBe('refused');
    expect(await post(FLOODER, SHORT)).toBe(`${SHORT.length} characters`);
    expect(await post(OTHER, LONG)).toBe(`${LONG.length} characters`);
  });
});
