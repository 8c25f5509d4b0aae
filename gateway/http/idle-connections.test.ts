import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { closeWhenIdle } from './idle-connections.ts';

const KEPT_MS = 20;
const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

async function aConnection() {
  const server = createServer({ keepAliveTimeout: KEPT_MS, keepAliveTimeoutBuffer: 0 }, (_, response) =>
    response.end('x'),
  );
  closeWhenIdle(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const closed = new Promise<string>((resolve) => {
    socket.once('error', ({ message }) => resolve(message));
    socket.once('close', () => resolve('closed'));
  });
  const answered = () =>
    new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data).split('\r\n', 1)[0] ?? '')));
  return { socket, answered, closed, close: () => server.close() };
}

/** Lets nothing else happen in this process. */
function holdTheEventLoop(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

it('answers a request that came in time, though the process was too busy to read it then', async () => {
  const { socket, answered, closed, close } = await aConnection();
  socket.write(REQUEST);
  expect(await answered()).toBe('HTTP/1.1 200 OK');
  const next = answered();
  socket.write(REQUEST);
  holdTheEventLoop(5 * KEPT_MS);
  expect(await Promise.race([next, closed])).toBe('HTTP/1.1 200 OK');
  expect(await closed).toBe('closed');
  close();
});
