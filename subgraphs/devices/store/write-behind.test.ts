import { join } from 'node:path';
import type { Collection } from '@greencity/platform/documents/port';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { createWriteBehind } from './write-behind.ts';

interface Count {
  readonly count: number;
}

async function open(folder: string) {
  const documents = await openSqliteDocuments({ path: join(folder, 'documents.sqlite') });
  const collection = await documents.collection<Count>({ name: 'counts' });
  const counts = new Map<string, number>();
  let failures = 0;
  let steps = 0;
  const between: Collection<Count> = {
    ...collection,
    async putMany(written) {
      steps += 1;
      if (failures > 0) {
        failures -= 1;
        throw new Error('the disk is full');
      }
      await collection.putMany(written);
    },
  };
  const behind = createWriteBehind(between, (id) => {
    const count = counts.get(id);
    return count === undefined ? undefined : { count };
  });
  return {
    behind,
    set(id: string, count: number) {
      counts.set(id, count);
      behind.touch(id);
    },
    stored: async (id: string) => (await collection.get(id))?.document.count,
    failNext(times: number) {
      failures = times;
    },
    steps: () => steps,
    [Symbol.asyncDispose]: () => documents.close(),
  };
}

describe('what is written behind', () => {
  it('is written as it is when it is flushed, once however often it was touched', async () => {
    using folder = aFolder();
    await using world = await open(folder.path);
    for (let count = 1; count <= 5; count += 1) world.set('a', count);
    expect(await world.stored('a')).toBeUndefined();
    await world.behind.flush();
    expect(await world.stored('a')).toBe(5);
    await world.behind.flush();
    expect(world.steps()).toBe(1);
  });

  it('goes in steps of five hundred', async () => {
    using folder = aFolder();
    await using world = await open(folder.path);
    for (let index = 0; index < 1_001; index += 1) world.set(`${index}`, index);
    await world.behind.flush();
    expect(world.steps()).toBe(3);
    expect([await world.stored('0'), await world.stored('1000')]).toEqual([0, 1_000]);
  });

  it('is kept for the next flush when a step fails, which is said', async () => {
    using folder = aFolder();
    await using world = await open(folder.path);
    world.set('a', 1);
    world.failNext(1);
    await expect(world.behind.flush()).rejects.toThrow('the disk is full');
    await world.behind.flush();
    expect(await world.stored('a')).toBe(1);
  });

  it('is durable for whoever flushes second, though the first took it and failed', async () => {
    using folder = aFolder();
    await using world = await open(folder.path);
    world.set('a', 1);
    world.failNext(1);
    const [first, second] = await Promise.allSettled([world.behind.flush(), world.behind.flush()]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(await world.stored('a')).toBe(1);
  });
});
