import { describe, expect, it } from 'vitest';
import { createPending } from './pending.ts';

const A = { deviceId: 'a', metric: 'PM2_5' } as const;
const gap = { ...A, kind: 'GAP', fromMs: 5, toMs: undefined, score: 1 } as const;

describe('changes that wait', () => {
  it('are taken once', () => {
    const pending = createPending();
    expect(pending.isEmpty).toBe(true);
    pending.addToHour({ ...A, hourMs: 0, sum: 3, count: 1 });
    pending.addToHour({ ...A, hourMs: 0, sum: 4, count: 2 });
    expect(pending.take().hours).toEqual([{ ...A, hourMs: 0, sum: 7, count: 3 }]);
    expect(pending.isEmpty).toBe(true);
  });

  it('that could not be written add to what came meanwhile, and give way to what is newer', () => {
    const pending = createPending();
    pending.addToHour({ ...A, hourMs: 0, sum: 3, count: 1 });
    pending.setLatest({ ...A, timeMs: 1, value: 3 });
    pending.setPosition({ partition: 0, nextOffset: 1 });
    pending.found(gap);
    const taken = pending.take();
    pending.addToHour({ ...A, hourMs: 0, sum: 4, count: 1 });
    pending.setLatest({ ...A, timeMs: 2, value: 4 });
    pending.setPosition({ partition: 0, nextOffset: 2 });
    pending.withdrawn({ ...A, kind: 'GAP', fromMs: 5 });
    pending.giveBack(taken);
    expect(pending.take()).toEqual({
      positions: [{ partition: 0, nextOffset: 2 }],
      hours: [{ ...A, hourMs: 0, sum: 7, count: 2 }],
      latest: [{ ...A, timeMs: 2, value: 4 }],
      memories: [],
      withdrawn: [{ ...A, kind: 'GAP', fromMs: 5 }],
      found: [],
    });
  });

  it('of a fault told, withdrawn and told again end with the fault', () => {
    const pending = createPending();
    pending.found(gap);
    pending.withdrawn({ ...A, kind: 'GAP', fromMs: 5 });
    pending.found(gap);
    expect(pending.take()).toMatchObject({ withdrawn: [{ kind: 'GAP' }], found: [gap] });
  });
});
