import { AppError } from '@greencity/platform/errors';
import type { StreamPast } from '@greencity/platform/graphql/port';
import type { SubgraphExecutor } from '../subgraph/port.ts';
import type { Delivery, Subscriber } from './delivery.ts';
import { answers, type EventPlan, explained, nothing } from './event-answers.ts';
import type { Lanes } from './lanes.ts';
import { release } from './relay.ts';
import type { StreamStart } from './start.ts';

export interface CatchUpDependencies {
  readonly subgraphs: SubgraphExecutor;
  readonly batchEventsMax: number;
  /** Live deliveries that wait for one client; beyond, the log is read again from where the client is. */
  readonly waitingEventsMax: number;
  readonly lanes: Lanes;
  readonly recent: RecentAnswers;
  readonly dropped: (count: number) => void;
}

/** Answers to events with a cursor, kept while some client catches up: many come back at once, and missed the same. */
export interface RecentAnswers {
  get(cursor: string | undefined): Delivery | Promise<Delivery | undefined> | undefined;
  add(delivery: Delivery): void;
  /** An answer that is on its way; forgotten when it fails. */
  expect(cursor: string | undefined, delivery: Promise<Delivery | undefined>): void;
}

/** A client that is given what was before it came, while what happens meanwhile waits for it. */
export interface CatchUp {
  readonly subscriber: Subscriber;
  /** A live delivery. */
  hold(delivery: Delivery): void;
  /** Resolves when the subgraph has agreed to give what was asked for. @throws whatever it refused with */
  begin(plan: () => EventPlan, start: StreamStart): Promise<void>;
  /** Gives everything, in order and once, and calls back when nothing is left that the client has had: from then on it needs no holding. */
  run(caughtUp: () => void): Promise<void>;
  /** The client has gone. */
  stop(): void;
}

interface Past {
  readonly plan: EventPlan;
  readonly events: AsyncIterator<unknown>;
  readonly isSnapshot: boolean;
  /** Whether some of it has been taken. */
  isBegun: boolean;
}

export function openCatchUp(subscriber: Subscriber, dependencies: CatchUpDependencies): CatchUp {
  const { waitingEventsMax, batchEventsMax, lanes, recent } = dependencies;
  let held: Delivery[] = [];
  /** Live deliveries that did not fit; the log has them. */
  let passedOver = 0;
  let past: Past | undefined;
  let planNow: (() => EventPlan) | undefined;
  /** Everything up to here has been delivered. */
  let reached: string | undefined;
  let stopped = false;
  /** Called with the first live delivery that the client has not had: what is still joined for the others may be behind what it had. */
  let becomeLive: (() => void) | undefined;

  const isKnown = ({ cursor }: Delivery): boolean => cursor !== undefined && reached !== undefined && cursor <= reached;
  const deliver = (delivery: Delivery): void => {
    if (isKnown(delivery)) return;
    if (delivery.cursor !== undefined) reached = delivery.cursor;
    subscriber.deliver(delivery);
  };
  const givePast = async (from: Past): Promise<void> => {
    for (let more = true; more && !stopped; ) {
      const batch = await lanes(async () => {
        const events = await taken(from.events, batchEventsMax);
        more = events.length === batchEventsMax;
        return stopped ? [] : await batchAnswers(from, events, recent);
      });
      for (const delivery of batch) deliver(delivery);
      await subscriber.drained();
    }
  };
  const giveHeld = async (): Promise<void> => {
    while (held.length > 0 && !stopped) {
      for (const delivery of held.splice(0, batchEventsMax)) deliver(delivery);
      await subscriber.drained();
    }
  };
  const readAgain = async (): Promise<void> => {
    const missed = passedOver;
    passedOver = 0;
    held = [];
    if (reached === undefined || !planNow) return dependencies.dropped(missed);
    past = await openPast(dependencies, planNow(), { kind: 'after', cursor: reached });
  };
  return {
    subscriber,
    hold(delivery) {
      if (becomeLive) {
        if (delivery.cursor !== undefined && !isKnown(delivery)) becomeLive();
        deliver(delivery);
      } else if (passedOver === 0 && held.length < waitingEventsMax) held.push(delivery);
      else passedOver += 1;
    },
    async begin(plan, start) {
      planNow = plan;
      past = await openStart(dependencies, plan(), start);
      if (!past.isSnapshot) reached = start.cursor;
      if (stopped) release(past.events);
    },
    async run(caughtUp) {
      while (!stopped) {
        const from = past;
        past = undefined;
        if (from) await givePast(from).finally(() => release(from.events));
        await giveHeld();
        if (passedOver > 0) await readAgain();
        else if (held.length === 0 && !stopped) {
          if (reached === undefined) caughtUp();
          else becomeLive = caughtUp;
          return;
        }
      }
    },
    stop() {
      stopped = true;
      held = [];
      release(past?.events);
    },
  };
}

async function openStart(
  dependencies: CatchUpDependencies,
  plan: EventPlan,
  { cursor, snapshot }: StreamStart,
): Promise<Past> {
  if (cursor === undefined) return await openPast(dependencies, plan, { kind: 'snapshot' });
  try {
    return await openPast(dependencies, plan, { kind: 'after', cursor });
  } catch (error) {
    const isExpired = explained(plan, error).some(({ extensions }) => extensions['code'] === 'CURSOR_EXPIRED');
    if (!snapshot || !isExpired) throw error;
    return await openPast(dependencies, plan, { kind: 'snapshot' });
  }
}

async function openPast({ subgraphs }: CatchUpDependencies, plan: EventPlan, part: StreamPast): Promise<Past> {
  const { prepared, subgraph } = plan.events;
  if (!prepared.past) {
    throw new AppError('BAD_USER_INPUT', 'extensions: this subscription knows neither snapshot nor cursor');
  }
  const events = await prepared.past(part, plan.eventVariables, subgraphs.context(subgraph, plan.viewer));
  return { plan, events, isSnapshot: part.kind === 'snapshot', isBegun: false };
}

async function taken(events: AsyncIterator<unknown>, most: number): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  while (found.length < most) {
    const next = await events.next();
    if (next.done === true) break;
    found.push(next.value);
  }
  return found;
}

/** Events that another client has caught up with, or is about to, are not executed again. */
async function batchAnswers(
  past: Past,
  events: readonly unknown[],
  recent: RecentAnswers,
): Promise<readonly Delivery[]> {
  const { plan, isSnapshot, isBegun } = past;
  const { prepared } = plan.events;
  past.isBegun = true;
  if (isSnapshot) {
    if (events.length === 0) return isBegun ? [] : [nothing(undefined)];
    if (events.length === 1 && prepared.isNothing(events[0])) return [nothing(prepared.cursorOf(events[0]))];
    return await answers(plan, events, { isSnapshot });
  }
  const known = events.map((event) => recent.get(prepared.cursorOf(event)));
  const unknown = events.filter((_, place) => known[place] === undefined);
  if (unknown.length > 0) {
    const made = Promise.resolve(answers(plan, unknown));
    for (const [place, event] of unknown.entries()) {
      const expected = made.then((all) => all[place]);
      recent.expect(prepared.cursorOf(event), expected);
    }
    const all = await made;
    let next = 0;
    known.forEach((delivery, place) => {
      if (delivery === undefined) known[place] = all[next++];
    });
  }
  const deliveries = await Promise.all(known);
  return deliveries.filter((delivery) => delivery !== undefined);
}
