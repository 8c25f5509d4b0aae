import { describe, expect, it } from 'vitest';
import { QUICK_ROUNDS } from '../rounds.ts';
import { openRangeLanes, RANGES_AT_A_TIME, RANGES_WAITING_MAX } from './range-lanes.ts';

const [ONE, OTHER, HERE] = ['203.0.113.5', '203.0.113.6', '127.0.0.1'];

/** Ranges that are read until the test says so. */
function reading() {
  const lanes = openRangeLanes();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const read = (from: string | undefined) =>
    lanes.read(from, async () => {
      begun.push(from ?? 'inside');
      await new Promise<void>((resolve) => ends.push(resolve));
    });
  return { begun, ends, read };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Lets those that are read end, one after another, until all are done. */
async function endAll(all: readonly Promise<unknown>[], ends: readonly (() => void)[]): Promise<void> {
  for (let count = 0; count < all.length; count += 1) {
    for (let round = 0; round <= QUICK_ROUNDS; round += 1) await turn();
    ends[count]?.();
  }
  await Promise.all(all);
}

describe('ranges', () => {
  it('are read two at a time, of clients in turn', async () => {
    const { begun, ends, read } = reading();
    const all = [ONE, ONE, ONE, ONE, ONE, OTHER, HERE].map(read);
    await turn();
    expect(begun).toEqual([ONE, ONE]);
    await endAll(all, ends);
    expect(begun).toEqual([ONE, ONE, ONE, OTHER, HERE, ONE, ONE]);
  });

  it('let others have their turn before the next one begins', async () => {
    const { begun, ends, read } = reading();
    const all = [ONE, ONE, ONE].map(read);
    await turn();
    ends[0]?.();
    await all[0];
    expect(begun).toEqual([ONE, ONE]);
    for (let count = 1; count < QUICK_ROUNDS; count += 1) await turn();
    expect(begun).toEqual([ONE, ONE]);
    await turn();
    expect(begun).toEqual([ONE, ONE, ONE]);
    await endAll(all, ends);
  });

  it('are refused beyond a hundred that wait, and taken again when those have been read', async () => {
    const { ends, read } = reading();
    const all = Array.from({ length: RANGES_WAITING_MAX + RANGES_AT_A_TIME }, () => read(ONE));
    await expect(read(ONE)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await endAll(all, ends);
    const again = read(ONE);
    await turn();
    ends.at(-1)?.();
    await again;
  });

  it('are never refused on this machine itself, and wait for nothing inside', async () => {
    const { begun, ends, read } = reading();
    const all = Array.from({ length: 2 * RANGES_WAITING_MAX }, () => read(HERE));
    all.push(read(undefined));
    await turn();
    expect(begun).toEqual(['inside', HERE, HERE]);
    await endAll(all, ends);
  });
});
