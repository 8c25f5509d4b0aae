import type { Gap } from '../subgraph/port.ts';
import type { EventPlan } from './event-answers.ts';
import type { Heard } from './relay.ts';

/** Events in order that were asked for by the same plan, with nothing missing between them. */
export interface Run {
  readonly plan: EventPlan;
  readonly events: unknown[];
  /** Before the first of them. */
  readonly gap: Gap | undefined;
}

/** Events that wait to be joined. At the limit the oldest is dropped and counted: what is newest matters. */
export interface EventQueue {
  isEmpty(): boolean;
  push(event: Heard): void;
  /** No more than so many events. */
  take(eventsMax: number): Run[];
}

export function eventQueue(most: number, dropped: () => void): EventQueue {
  let events: Heard[] = [];
  /** Was to be told with an event that has been dropped since. */
  let gapAhead: Gap | undefined;
  const taken = (count: number): readonly Heard[] => {
    if (events.length > count) return events.splice(0, count);
    const all = events;
    events = [];
    return all;
  };
  return {
    isEmpty: () => events.length === 0,
    push(event) {
      // An array that begins empty makes room for seventeen, and most queues only ever hold one.
      if (events.length === 0) events = [event];
      else events.push(event);
      if (events.length <= most) return;
      const oldest = events.shift();
      gapAhead ??= oldest?.gap;
      dropped();
    },
    take(count) {
      const runs = runsOf(taken(count), gapAhead);
      gapAhead = undefined;
      return runs;
    },
  };
}

function runsOf(events: readonly Heard[], gapAhead: Gap | undefined): Run[] {
  const runs: Run[] = [];
  for (const { plan, event, gap = runs.length === 0 ? gapAhead : undefined } of events) {
    const last = runs.at(-1);
    if (last?.plan === plan && !gap) last.events.push(event);
    else runs.push({ plan, events: [event], gap });
  }
  return runs;
}
