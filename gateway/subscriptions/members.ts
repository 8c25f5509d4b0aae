import type { MaybePromise } from '../executor/values.ts';
import type { CatchUp, RecentAnswers } from './catch-up.ts';
import type { Delivery, Subscriber } from './delivery.ts';
import { TOLD_MAX } from './event-turns.ts';

/** The clients of one group: those that are given what happens now, and those that catch up first. */
export interface Members {
  isEmpty(): boolean;
  /** Of the clients that catch up. */
  readonly recent: RecentAnswers;
  addLive(member: Subscriber): void;
  addCatchingUp(one: CatchUp): void;
  /** From the next delivery on, a client that has caught up is given what happens now. */
  becomeLive(one: CatchUp): void;
  isCatchingUp(one: CatchUp): boolean;
  /** Whether it was a member. */
  remove(member: Subscriber): boolean;
  /** Removes all, and gives them. */
  removeAll(): readonly Subscriber[];
  /**
   * Gives every client all of them, in order, and says how many were given. Where these are many, others have their turn in between, and one that becomes
   * live in the meantime may be given them as well.
   */
  deliver(deliveries: readonly Delivery[]): MaybePromise<number>;
}

const NOBODY = new Map<Subscriber, CatchUp>();

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** No members yet. */
export function openMembers(recentMax: number): Members {
  const live = new Set<Subscriber>();
  /** Shared by groups of which nobody catches up, as most. */
  let catchingUp = NOBODY;
  const recent = recentAnswers(recentMax);

  const forget = (): void => {
    catchingUp = NOBODY;
    recent.clear();
  };
  const noLongerCatchingUp = (member: Subscriber): boolean => {
    const wasOne = catchingUp.delete(member);
    if (catchingUp.size === 0) forget();
    return wasOne;
  };
  const hold = (delivery: Delivery): void => {
    if (catchingUp.size === 0) return;
    recent.add(delivery);
    for (const one of catchingUp.values()) one.hold(delivery);
  };
  const deliverInTurns = async (deliveries: readonly Delivery[]): Promise<number> => {
    let given = 0;
    for (const delivery of deliveries) {
      for (const member of live) {
        member.deliver(delivery);
        given += 1;
        if (given % TOLD_MAX === 0) await turn();
      }
      hold(delivery);
    }
    return given;
  };
  return {
    recent,
    isEmpty: () => live.size + catchingUp.size === 0,
    addLive: (member) => void live.add(member),
    addCatchingUp(one) {
      if (catchingUp === NOBODY) catchingUp = new Map();
      catchingUp.set(one.subscriber, one);
    },
    isCatchingUp: (one) => catchingUp.get(one.subscriber) === one,
    becomeLive(one) {
      live.add(one.subscriber);
      noLongerCatchingUp(one.subscriber);
    },
    remove(member) {
      catchingUp.get(member)?.stop();
      return live.delete(member) || noLongerCatchingUp(member);
    },
    removeAll() {
      const all = [...live, ...catchingUp.keys()];
      for (const one of catchingUp.values()) one.stop();
      live.clear();
      forget();
      return all;
    },
    deliver(deliveries) {
      const count = live.size * deliveries.length;
      if (count > TOLD_MAX) return deliverInTurns(deliveries);
      for (const delivery of deliveries) {
        for (const member of live) member.deliver(delivery);
        hold(delivery);
      }
      return count;
    },
  };
}

/** At the limit the oldest answer leaves first. */
function recentAnswers(most: number): RecentAnswers & { clear(): void } {
  let kept: Map<string, Delivery | Promise<Delivery | undefined>> | undefined;
  const keep = (cursor: string | undefined, delivery: Delivery | Promise<Delivery | undefined>): void => {
    if (cursor === undefined) return;
    kept ??= new Map();
    kept.set(cursor, delivery);
    if (kept.size <= most) return;
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  };
  return {
    clear() {
      kept = undefined;
    },
    get: (cursor) => (cursor === undefined ? undefined : kept?.get(cursor)),
    add: (delivery) => keep(delivery.cursor, delivery),
    expect(cursor, delivery) {
      keep(cursor, delivery);
      delivery.catch(() => cursor !== undefined && kept?.get(cursor) === delivery && kept.delete(cursor));
    },
  };
}
