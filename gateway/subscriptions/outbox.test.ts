import { describe, expect, it } from 'vitest';
import { outboxes } from './outbox.ts';

function slowClient(limits: Partial<{ bufferedBytesMax: number; waitingBytesMax: number; stalledMs: number }> = {}) {
  const written: string[] = [];
  let buffered = 0;
  let gaveUp = 0;
  let conflated = 0;
  const all = outboxes({ bufferedBytesMax: 10, waitingBytesMax: 20, stalledMs: 1_000, ...limits }, () => {
    conflated += 1;
  });
  const outbox = all.open({
    bufferedBytes: () => buffered,
    write(message) {
      written.push(message);
      buffered += message.length;
    },
    giveUp: () => {
      gaveUp += 1;
    },
  });
  return {
    all,
    outbox,
    written,
    take: () => {
      buffered = 0;
    },
    gaveUp: () => gaveUp,
    conflated: () => conflated,
  };
}

describe('an outbox', () => {
  it('lets a newer message of the same key replace an older one that waits, and keeps the order', () => {
    const client = slowClient();
    client.outbox.send('0123456789+');
    client.outbox.send('a1', () => 'a');
    client.outbox.send('b1', () => 'b');
    client.outbox.send('a2', () => 'a');
    client.outbox.send('plain');
    expect(client.written).toEqual(['0123456789+']);
    client.take();
    client.all.check(0);
    expect(client.written).toEqual(['0123456789+', 'b1', 'a2', 'plain']);
    expect(client.conflated()).toBe(1);
  });

  it('gives a client up when more waits than may, and sends nothing after', () => {
    const client = slowClient();
    client.outbox.send('0123456789+');
    client.outbox.send('0123456789');
    client.outbox.send('0123456789');
    expect(client.gaveUp()).toBe(0);
    client.outbox.send('+');
    client.outbox.send('+');
    expect(client.gaveUp()).toBe(1);
  });

  it('gives a client up that takes nothing for too long, and not one that is slow', () => {
    const client = slowClient();
    client.outbox.send('0123456789+');
    client.outbox.send('a', () => 'a');
    client.all.check(0);
    client.all.check(999);
    client.take();
    client.all.check(1_500);
    expect(client.written).toHaveLength(2);
    client.outbox.send('0123456789+');
    client.outbox.send('b', () => 'b');
    client.all.check(2_000);
    client.all.check(2_999);
    expect(client.gaveUp()).toBe(0);
    client.all.check(3_000);
    expect(client.gaveUp()).toBe(1);
  });
});
