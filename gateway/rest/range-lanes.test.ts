import { describe, expect, it } from 'vitest';
import { openRangeLanes, RANGES_WAITING_MAX } from './range-lanes.ts';

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

describe('ranges', () => {
  it('are read four at a time of one client, whatever others ask for', async () => {
    const { begun, ends, read } = reading();
    const all = [ONE, ONE, ONE, ONE, ONE, ONE, OTHER].map(read);
    await turn();
    expect(begun).toEqual([ONE, ONE, ONE, ONE, OTHER]);
    ends[0]?.();
    await all[0];
    await turn();
    expect(begun).toEqual([ONE, ONE, ONE, ONE, OTHER, ONE]);
    for (let count = 1; count < all.length; count += 1) {
      ends[count]?.();
      await turn();
    }
    await Promise.all(all);
  });

  it('are refused beyond a hundred that wait, and taken again when those have been read', async () => {
    const { ends, read } = reading();
    const all = Array.from({ length: RANGES_WAITING_MAX + 4 }, () => read(ONE));
    await expect(read(ONE)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    for (let count = 0; count < all.length; count += 1) {
      ends[count]?.();
      await turn();
    }
    await Promise.all(all);
    const again = read(ONE);
    ends.at(-1)?.();
    await again;
  });

  it('are nothing to wait for on this machine itself', async () => {
    const { begun, ends, read } = reading();
    const all = [HERE, HERE, HERE, HERE, HERE, undefined].map(read);
    expect(begun).toHaveLength(6);
    for (const end of ends) end();
    await Promise.all(all);
  });
});
