import { describe, expect, it } from 'vitest';
import { openHandover, openSettling, type Placed } from './handover.ts';

const placed = (event: unknown, cursor?: string): Placed => ({ event, cursor, identity: () => event });
const eventsOf = (all: readonly Placed[]): readonly unknown[] => all.map(({ event }) => event);

describe('one source of events takes over from another', () => {
  it('where the new one gives what the old one gave before, and knows what else it will give again', () => {
    const handover = openHandover(10);
    for (const event of ['a', 'b', 'c']) expect(handover.passed(placed(event))).toBe(false);
    expect(handover.came(placed('a'))).toBe(true);
    expect(eventsOf(handover.expected())).toEqual(['b', 'c']);
    const settling = openSettling(handover.expected(), () => false);
    expect(['b', 'c', 'd', 'b'].map((event) => settling.isKnown(placed(event)))).toEqual([true, true, false, false]);
  });

  it('where the old one comes to what the new one has given', () => {
    const handover = openHandover(10);
    expect(['b', 'c'].map((event) => handover.came(placed(event)))).toEqual([false, false]);
    expect(handover.passed(placed('a'))).toBe(false);
    expect(handover.passed(placed('b'))).toBe(true);
    expect(eventsOf(handover.held())).toEqual(['c']);
  });

  it('by cursors, which need not be the same ones', () => {
    const handover = openHandover(10);
    expect(handover.came(placed('x', 'c5'))).toBe(false);
    expect(handover.passed(placed('y', 'c4'))).toBe(false);
    expect(handover.passed(placed('y', 'c6'))).toBe(true);
    const again = openHandover(10);
    again.passed(placed('y', 'c6'));
    expect(again.came(placed('x', 'c5'))).toBe(true);
  });

  it('by what they are where some have cursors and some have none', () => {
    const handover = openHandover(10);
    handover.passed(placed('a', 'c1'));
    handover.passed(placed('b'));
    handover.passed(placed('c', 'c3'));
    expect(handover.came(placed('b'))).toBe(true);
    const settling = openSettling(handover.expected(), (cursor) => cursor <= 'c3');
    expect(settling.isKnown(placed('c', 'c3'))).toBe(true);
    expect(settling.isKnown(placed('d'))).toBe(false);
  });

  it('with one of several equal events rather twice than never', () => {
    const handover = openHandover(10);
    for (const event of ['a', 'a', 'b']) handover.passed(placed(event));
    expect(handover.came(placed('a'))).toBe(true);
    expect(eventsOf(handover.expected())).toEqual(['b']);
  });

  it('at a later event when the new one has given more than is held', () => {
    const handover = openHandover(2);
    for (const event of ['c', 'd', 'e', 'f']) handover.came(placed(event));
    expect(eventsOf(handover.held())).toEqual(['f']);
    expect(['b', 'c', 'd', 'e', 'f'].map((event) => handover.passed(placed(event)))).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});
