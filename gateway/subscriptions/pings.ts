import type { Clock } from '@greencity/platform/clock/port';

/** A connection that is asked now and then whether its client is still there. */
export interface Pinged {
  /** Whether something was written to it since this was last asked. */
  wasWrittenTo(): boolean;
  ping(): void;
  /** The client has not answered a whole interval long. */
  unanswered(): void;
}

export interface Watched {
  /** The client has said something. */
  heard(): void;
  /** Nobody needs to look after it any more. */
  leave(): void;
}

export interface Pings extends Disposable {
  watch(one: Pinged): Watched;
}

/** Connections take turns over an interval: thousands of pings at once, and their answers, would hold everything else up. */
const TURNS = 60;
/** Of the intervals in which a client is written to anyway, it is asked for an answer in each so many. */
const ASKED_EACH = 4;

interface Asked {
  readonly one: Pinged;
  isHeard: boolean;
  /** Whether an answer is waited for. */
  isAsked: boolean;
  /** Intervals in a row in which being written to was enough. */
  spared: number;
}

/**
 * Asks each connection once an interval, and finds those whose clients are gone without a word. One that is written to is asked in every fourth interval:
 * what it gets keeps the way open, and what it does not take is noticed by its outbox.
 */
export function openPings(clock: Clock, intervalMs: number): Pings {
  const turns = Array.from({ length: TURNS }, () => new Set<Asked>());
  let next = 0;
  let opened = 0;
  const timer = clock.every(intervalMs / TURNS, () => {
    for (const asked of turns[next] ?? []) ask(asked);
    next = (next + 1) % TURNS;
  });
  return {
    watch(one) {
      const asked: Asked = { one, isHeard: false, isAsked: false, spared: 0 };
      const turn = turns[opened % TURNS];
      opened += 1;
      turn?.add(asked);
      return {
        heard: () => {
          asked.isHeard = true;
        },
        leave: () => void turn?.delete(asked),
      };
    },
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}

function ask(asked: Asked): void {
  const { one, isAsked, isHeard } = asked;
  if (isAsked && !isHeard) {
    one.unanswered();
    return;
  }
  asked.isHeard = false;
  const isSpared = one.wasWrittenTo() && asked.spared < ASKED_EACH - 1;
  asked.spared = isSpared ? asked.spared + 1 : 0;
  asked.isAsked = !isSpared;
  if (asked.isAsked) one.ping();
}
