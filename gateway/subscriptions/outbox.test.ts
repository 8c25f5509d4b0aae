import { describe, expect, it } from 'vitest';
import { outboxes } from './outbox.ts';

function slowClient(limits: Partial<{ bufferedBytesMax: number; waitingBytesMax: number; stalledMs: number }> = {}) {
  const written: string[] = [];
  let buffered = 0;
  let gaveUp = 0;
  let conflated = 0;
  let drained: (() => void) | undefined;
  const all = outboxes({ bufferedBytesMax: 10, waitingBytesMax: 20, stalledMs: 1_000, ...limits }, () => {
    conflated += 1;
  });
  const outbox = all.open({
    bufferedBytes: () => buffered,
    write(message) {
      written.push(message);
      buffered += message.length;
    },
    onDrain: (then) => {
      drained = then;
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
      drained?.();
      drained = undefined;
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

  it('is drained at once while little is on its way, else when the client has taken it', async () => {
    const client = slowClient({ bufferedBytesMax: 100_000 });
    await client.outbox.drained();
    client.outbox.send('+'.repeat(50_000));
    let isDrained = false;
    const drained = client.outbox.drained().then(() => {
      isDrained = true;
    });
    client.all.check(0);
    await Promise.resolve();
    expect(isDrained).toBe(false);
    client.take();
    await drained;
  });

  it('is drained when the client has gone, and gives one up that takes nothing of what it is given', async () => {
    const gone = slowClient({ bufferedBytesMax: 100_000 });
    gone.outbox.send('+'.repeat(50_000));
    const drained = gone.outbox.drained();
    gone.outbox.close();
    await drained;
    const stalled = slowClient({ bufferedBytesMax: 100_000 });
    stalled.outbox.send('+'.repeat(50_000));
    const over = stalled.outbox.drained();
    stalled.all.check(0);
    stalled.all.check(1_000);
    await over;
    expect([gone.gaveUp(), stalled.gaveUp()]).toEqual([0, 1]);
  });
});
