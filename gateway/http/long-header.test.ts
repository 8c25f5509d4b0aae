import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type Served, serve } from '../fixtures/served.ts';
import { smallCity } from '../fixtures/small-city.ts';
import { HEADER_LENGTH_MAX } from './long-header.ts';

let served: Served;
beforeEach(async () => {
  served = await serve(smallCity().subgraphs);
});
afterEach(async () => await served.close());

/** The status of a GET with these headers. */
function status(headers: Readonly<Record<string, string | readonly string[]>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = '/graphql?query=%7B__typename%7D';
    const sending = request(`${served.url}${path}`, { headers: { 'apollo-require-preflight': 'yes', ...headers } });
    sending.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sending.on('error', reject);
    sending.end();
  });
}

describe('a header', () => {
  it('may be as long as is allowed, and no longer', async () => {
    expect(await status({ 'x-note': 'x'.repeat(HEADER_LENGTH_MAX) })).toBe(200);
    expect(await status({ 'x-note': 'x'.repeat(HEADER_LENGTH_MAX + 1) })).toBe(431);
  });

  it('is as long as all of its name are together', async () => {
    const types = Array.from({ length: 40 }, (_, index) => `image/${String(index).padEnd(600, 'x')}`);
    expect(await status({ accept: types })).toBe(431);
  });

  it('of a WebSocket is no longer, either', async () => {
    const opened = (length: number) =>
      new Promise<string>((resolve) => {
        const headers = { 'x-note': 'x'.repeat(length) };
        const socket = new WebSocket(served.wsUrl, 'graphql-transport-ws', { headers });
        socket.once('open', () => resolve('open'));
        socket.once('error', ({ message }) => resolve(message));
        socket.once('open', () => socket.terminate());
      });
    expect(await opened(HEADER_LENGTH_MAX)).toBe('open');
    expect(await opened(HEADER_LENGTH_MAX + 1)).toContain('431');
  });
});
