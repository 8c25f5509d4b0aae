import type { Clock } from '@greencity/platform/clock/port';
import type { SubgraphExecutor } from '../subgraph/port.ts';
import { openCatchUp } from './catch-up.ts';
import type { StreamEnd, Subscriber } from './delivery.ts';
import { answers, type EventPlan, explained } from './event-answers.ts';
import { eventQueue } from './event-queue.ts';
import type { Lanes } from './lanes.ts';
import { openMembers } from './members.ts';
import type { StreamStart } from './start.ts';
import { openUpstream } from './upstream.ts';

export interface GroupDependencies {
  readonly subgraphs: SubgraphExecutor;
  readonly clock: Clock;
  readonly batchEventsMax: number;
  readonly waitingEventsMax: number;
  readonly lanes: Lanes;
  readonly dropped: (count: number) => void;
  readonly delivered: (count: number) => void;
  /** The group has no clients or no events any more. */
  readonly ended: () => void;
}

/** Clients that asked for the same: one upstream, and for each event one execution and one serialisation. */
export interface Group {
  readonly size: number;
  /** Resolves when no later event can be missed by this client, and what was before is agreed to. @throws whatever the subgraph refused with */
  join(subscriber: Subscriber, start: StreamStart): Promise<void>;
  leave(subscriber: Subscriber): void;
  /** Goes on by a plan of another supergraph. Ends when its subgraph refuses. */
  move(plan: EventPlan): Promise<void>;
  end(end: StreamEnd): void;
}

/** An event and the plan that it was asked for by. */
interface Waiting {
  readonly plan: EventPlan;
  readonly event: unknown;
}

export function openGroup(first: EventPlan, dependencies: GroupDependencies): Group {
  const { batchEventsMax, waitingEventsMax } = dependencies;
  const members = openMembers(waitingEventsMax);
  const queue = eventQueue<Waiting>(waitingEventsMax, () => dependencies.dropped(1));
  let plan = first;
  let open = true;

  const end = (how: StreamEnd): void => {
    if (!open) return;
    open = false;
    dependencies.ended();
    upstream.close();
    for (const member of members.removeAll()) member.end(how);
  };
  const failure = (error: unknown): StreamEnd => ({ kind: 'failed', errors: JSON.stringify(explained(plan, error)) });
  const worker = batchWorker(queue, batchEventsMax, async (batch) => {
    try {
      for (const [by, events] of byPlan(batch)) {
        const deliveries = await answers(by, events);
        dependencies.delivered(await members.deliver(deliveries));
      }
    } catch (error) {
      end(failure(error));
    }
  });
  const upstream = openUpstream({
    ...dependencies,
    heard(by, event) {
      queue.push({ plan: by, event });
      worker.wake();
    },
    told: worker.idle,
    ended: (failed) => void worker.idle().then(() => end(failed ? failure(failed.error) : { kind: 'completed' })),
  });
  const ready = upstream.start(plan);
  // Each client that joins hears of it for itself.
  ready.catch(() => undefined);
  const leave = (member: Subscriber): void => {
    if (members.remove(member) && members.size === 0) end({ kind: 'completed' });
  };
  const catchUp = async (subscriber: Subscriber, start: StreamStart): Promise<void> => {
    const one = openCatchUp(subscriber, { ...dependencies, recent: members.recent });
    members.addCatchingUp(one);
    await ready;
    await one.begin(() => plan, start);
    const caughtUp = () => members.isCatchingUp(one) && members.becomeLive(one);
    void one.run(caughtUp).catch((error: unknown) => {
      if (!members.isCatchingUp(one)) return;
      subscriber.end(failure(error));
      leave(subscriber);
    });
  };
  return {
    get size() {
      return members.size;
    },
    async join(subscriber, start) {
      try {
        if (start.snapshot || start.cursor !== undefined) return await catchUp(subscriber, start);
        members.addLive(subscriber);
        await ready;
      } catch (error) {
        leave(subscriber);
        throw error;
      }
    },
    leave,
    async move(next) {
      try {
        await ready;
        plan = next;
        await upstream.moveTo(next);
      } catch (error) {
        end(failure(error));
      }
    },
    end,
  };
}

/** Runs of events that were asked for by the same plan. */
function byPlan(batch: readonly Waiting[]): readonly (readonly [EventPlan, readonly unknown[]])[] {
  const runs: [EventPlan, unknown[]][] = [];
  for (const { plan, event } of batch) {
    const last = runs.at(-1);
    if (last?.[0] === plan) last[1].push(event);
    else runs.push([plan, [event]]);
  }
  return runs;
}

/** Works through a queue one batch at a time. Events of one turn of the event loop go together. */
function batchWorker<T>(
  queue: { readonly length: number; take(most: number): T[] },
  batchMax: number,
  work: (batch: readonly T[]) => Promise<void>,
) {
  let working: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) await work(queue.take(batchMax));
  };
  return {
    wake(): void {
      working ??= drain().finally(() => {
        working = undefined;
      });
    },
    async idle(): Promise<void> {
      await working;
    },
  };
}
