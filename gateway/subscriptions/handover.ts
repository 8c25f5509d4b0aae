/** Where one source of events takes over from another of the same stream. */

/** An event by which two sources of one stream are compared. */
export interface Placed {
  readonly event: unknown;
  readonly cursor: string | undefined;
  /** Compared when there is no cursor: what both sources give for the same event is equal. */
  readonly identity: () => unknown;
}

/** Both sources give the same events in the same order; the new one begins somewhere within those of the old one. */
export interface Handover {
  /** The old source has given an event, which was passed on. True when the new one takes over after it. */
  passed(event: Placed): boolean;
  /** The new source has given an event, which is held. True when the old one has given it before: the new one takes over here. */
  came(event: Placed): boolean;
  /** What the new source has given and the old one has not. */
  held(): readonly Placed[];
  /** What the old source has given and the new one will. */
  expected(): readonly Placed[];
}

/** @param placesMax events of each source that are remembered. When more are held, the two meet at a later event: the old source gives those that are forgotten here. */
export function openHandover(placesMax: number): Handover {
  const old: Placed[] = [];
  let held: Placed[] = [];
  let expected: readonly Placed[] = [];
  return {
    passed(event) {
      old.push(event);
      if (old.length > placesMax) old.shift();
      const at = held.findLastIndex((one) => isUpTo(one, event));
      held = held.slice(at + 1);
      return at >= 0;
    },
    came(event) {
      if (held.length === 0) {
        // The last of several equal ones: rather one of them twice than one never.
        const at = old.findLastIndex((one) => isUpTo(event, one));
        expected = at < 0 ? [] : old.slice(at + 1);
        if (at >= 0) return true;
      }
      if (held.length < placesMax) held.push(event);
      else held = [];
      return false;
    },
    held: () => held,
    expected: () => expected,
  };
}

/** Whether the one is the other, or before it. */
function isUpTo(one: Placed, other: Placed): boolean {
  if (one.cursor !== undefined && other.cursor !== undefined) return one.cursor <= other.cursor;
  return one.cursor === other.cursor && one.identity() === other.identity();
}

/** Tells what a source that took over gives again: what the one before it has given. Over with the first event that is new. */
export function openSettling(expected: readonly Placed[], isPassed: (cursor: string) => boolean) {
  let waitedFor = expected;
  return {
    isKnown({ cursor, identity }: Placed): boolean {
      if (cursor !== undefined) return isPassed(cursor);
      const at = waitedFor.findIndex((one) => one.cursor === undefined && one.identity() === identity());
      waitedFor = waitedFor.slice(at + 1);
      return at >= 0;
    },
  };
}
