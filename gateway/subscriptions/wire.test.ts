import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../fixtures/until.ts';
import { bufferedBytes, closeWire, lookAgain, onceTaken, openWire, type Wire, writeFrame } from './wire.ts';

const FRAME_BYTES = 64 * 1024;
/** More than the kernel keeps for a client that reads nothing. */
const FRAMES = 400;

const open: Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** A wire over TCP, and the client at its other end, which reads nothing until it is resumed. */
async function overTcp(): Promise<{ readonly wire: Wire; readonly client: Socket }> {
  const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  const accepted = once(server, 'connection');
  const client = connect({ port, host: '127.0.0.1' }).pause();
  const [connection] = (await accepted) as [Socket];
  server.close();
  open.push(client, connection);
  return { wire: openWire(connection), client };
}

/** A frame of one byte value, so that frames cannot be mistaken for each other. */
const frame = (number: number): Buffer => Buffer.alloc(FRAME_BYTES, number % 251);

/** The first byte of each frame's worth of what comes, once all of it has come. */
async function frames(client: NodeJS.ReadableStream, count: number): Promise<readonly number[]> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of client) {
    chunks.push(chunk as Buffer);
    bytes += chunk.length;
    if (bytes >= count * FRAME_BYTES) break;
  }
  const all = Buffer.concat(chunks);
  expect(all.length).toBe(count * FRAME_BYTES);
  return Array.from({ length: count }, (_, index) => {
    const one = all.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
    expect(one.equals(Buffer.alloc(FRAME_BYTES, one[0]))).toBe(true);
    return one[0] ?? -1;
  });
}

describe('a wire', () => {
  it('hands a frame to the kernel at once, past the stream', async () => {
    const { wire, client } = await overTcp();
    expect(wire.isClear).toBe(true);
    writeFrame(wire, frame(7));
    expect([wire.isClear, bufferedBytes(wire), wire.hasWritten]).toEqual([true, 0, true]);
    expect(await frames(client, 1)).toEqual([7]);
  });

  it('keeps order and bytes of everything, whatever the client takes when', async () => {
    const { wire, client } = await overTcp();
    let wasClear = 0;
    for (let number = 0; number < FRAMES; number += 1) {
      if (wire.isClear) wasClear += 1;
      writeFrame(wire, frame(number));
    }
    expect(wasClear).toBeGreaterThan(0);
    expect(wire.isClear).toBe(false);
    expect(bufferedBytes(wire)).toBeGreaterThan(0);
    const expected = Array.from({ length: FRAMES }, (_, number) => number % 251);
    expect(await frames(client, FRAMES)).toEqual(expected);
  });

  it('says when the client has taken what waited, and is clear again after', async () => {
    const { wire, client } = await overTcp();
    while (wire.isClear) writeFrame(wire, frame(1));
    const taken = new Promise<void>((resolve) => onceTaken(wire, resolve));
    client.resume();
    await taken;
    await until(() => bufferedBytes(wire) === 0);
    lookAgain(wire);
    expect(wire.isClear).toBe(true);
  });

  it('lets no frame overtake what the stream still holds', async () => {
    const { wire, client } = await overTcp();
    const { connection } = wire;
    while (connection.writableLength === 0) connection.write(frame(2));
    lookAgain(wire);
    expect(wire.isClear).toBe(false);
    const before = Math.ceil((connection as Socket).bytesWritten / FRAME_BYTES);
    writeFrame(wire, frame(3));
    expect((await frames(client, before + 1)).at(-1)).toBe(3);
  });

  it('is not clear when it is closing, and throws nothing when the connection is gone', async () => {
    const closing = await overTcp();
    closeWire(closing.wire);
    expect(closing.wire.isClear).toBe(false);
    const gone = await overTcp();
    gone.wire.connection.destroy();
    writeFrame(gone.wire, frame(1));
    expect(gone.wire.isClear).toBe(false);
  });

  it('destroys a connection whose client has gone while it was writing', async () => {
    const { wire, client } = await overTcp();
    const { connection } = wire;
    connection.on('error', () => undefined);
    const closed = new Promise((resolve) => connection.once('close', resolve));
    while (wire.isClear) writeFrame(wire, frame(1));
    client.resetAndDestroy();
    await closed;
    writeFrame(wire, frame(1));
    expect([connection.destroyed, wire.isClear]).toEqual([true, false]);
  });

  it('takes the way of the stream where there is nothing below it', async () => {
    const stream = new PassThrough({ highWaterMark: FRAME_BYTES });
    const wire = openWire(stream);
    expect(wire.isClear).toBe(false);
    for (let number = 0; number < 4; number += 1) writeFrame(wire, frame(number));
    expect(wire.isClear).toBe(false);
    const taken = new Promise<void>((resolve) => onceTaken(wire, resolve));
    const read: number[] = [];
    stream.on('data', (chunk: Buffer) => void read.push(chunk[0] ?? -1));
    await taken;
    expect(read).toEqual([0, 1, 2, 3]);
  });
});
