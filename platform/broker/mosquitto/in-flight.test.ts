import { beforeEach, expect, it } from 'vitest';
import { type InFlight, inFlight, type Lost } from './in-flight.ts';
import type { Message } from './packets.ts';

let acknowledged: (readonly number[])[];
let failed: Lost[];
let rooms: number;
let waiting: Map<string, PromiseWithResolvers<void>>;
let messages: InFlight;

beforeEach(() => {
  acknowledged = [];
  failed = [];
  rooms = 0;
  waiting = new Map();
  messages = inFlight({
    handle({ topic }) {
      const handled = waiting.get(topic) ?? Promise.withResolvers<void>();
      waiting.set(topic, handled);
      return handled.promise;
    },
    acknowledge: (messageIds) => acknowledged.push(messageIds),
    failed: ({ topic, messages }) => failed.push({ topic, messages }),
    messagesMax: 4,
    onRoom: () => (rooms += 1),
  });
});

const message = (topic: string, messageId: number): Message => ({
  ...{ topic, messageId, qos: messageId === 0 ? 0 : 1, payload: Buffer.alloc(0), payloadBytes: 0, retain: false },
});

/** Lets messages be handled, and what waits for that go on: acknowledgements leave at the end of the turn after. */
async function handled(...topics: readonly string[]): Promise<void> {
  for (const topic of topics) waiting.get(topic)?.resolve();
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it('acknowledges in the order of arrival, however handling ends', async () => {
  for (const [index, topic] of ['a', 'b', 'c'].entries()) messages.add(message(topic, index + 1));
  await handled('b', 'c');
  expect(acknowledged).toEqual([]);
  await handled('a');
  expect(acknowledged).toEqual([[1, 2, 3]]);
});

it('acknowledges nothing that wants no acknowledgement', async () => {
  messages.add(message('a', 1));
  messages.add(message('b', 0));
  messages.add(message('c', 2));
  await handled('a', 'b', 'c');
  expect(acknowledged.flat()).toEqual([1, 2]);
});

it('acknowledges together what one append made durable, and not before what came earlier', async () => {
  messages.add(message('a', 1));
  for (const messageId of [2, 0, 3]) messages.add(message('b', messageId));
  await handled('b');
  expect(acknowledged).toEqual([]);
  await handled('a');
  expect(acknowledged).toEqual([[1, 2, 3]]);
});

it('says that there is no room for another, and when half of it is free again', async () => {
  const room = ['a', 'b', 'c', 'd', 'e'].map((topic, index) => messages.add(message(topic, index + 1)));
  expect(room).toEqual([true, true, true, false, false]);
  await handled('a', 'b');
  expect(rooms).toBe(0);
  await handled('c');
  expect(rooms).toBe(1);
  expect(messages.add(message('f', 6))).toBe(true);
});

it('acknowledges nothing from a failure on, takes nothing more, and says what failed', async () => {
  for (const [index, topic] of ['a', 'b', 'b', 'c'].entries()) messages.add(message(topic, index + 1));
  waiting.get('b')?.reject(new Error('the disk is full'));
  waiting.get('c')?.reject(new Error('the disk is full'));
  await handled('a');
  messages.add(message('d', 4));
  expect(waiting.has('d')).toBe(false);
  expect(acknowledged).toEqual([[1]]);
  expect(failed).toEqual([
    { topic: 'b', messages: 2 },
    { topic: 'c', messages: 1 },
  ]);
});

it('finishes what was taken, and takes nothing more', async () => {
  messages.add(message('a', 1));
  let finished = false;
  const finishing = messages.finish().then(() => (finished = true));
  messages.add(message('b', 2));
  await handled();
  expect(finished).toBe(false);
  await handled('a');
  await finishing;
  expect(acknowledged).toEqual([[1]]);
  expect(waiting.has('b')).toBe(false);
});

it('takes a handler that throws at once for one that failed', async () => {
  const throwing = inFlight({
    handle() {
      throw new Error('a mistake');
    },
    acknowledge: (messageIds) => acknowledged.push(messageIds),
    failed: ({ topic, messages: lost }) => failed.push({ topic, messages: lost }),
    messagesMax: 4,
    onRoom: () => undefined,
  });
  throwing.add(message('a', 1));
  await throwing.finish();
  expect(acknowledged).toEqual([]);
  expect(failed).toEqual([{ topic: 'a', messages: 1 }]);
});
