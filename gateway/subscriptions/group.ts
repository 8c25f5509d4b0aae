import type { Clock } from '@greencity/platform/clock/port';
import { isPromise } from '../executor/values.ts';
import type { SubgraphExecutor } from '../subgraph/port.ts';
import { openCatchUp } from './catch-up.ts';
import type { Delivery, StreamEnd, Subscriber } from './delivery.ts';
import { answers, type EventPlan, explained } from './event-answers.ts';
import { type EventQueue, eventQueue, type Run } from './event-queue.ts';
import { type BatchWork, batchWorker, type EventTurns } from './event-turns.ts';
import type { Lanes } from './lanes.ts';
import { type Members, openMembers } from './members.ts';
import type { StreamStart } from './start.ts';
import { openUpstream } from './upstream.ts';

export interface GroupDependencies {
  readonly subgraphs: SubgraphExecutor;
  readonly clock: Clock;
  readonly batchEventsMax: number;
  readonly waitingEventsMax: number;
  readonly lanes: Lanes;
  readonly turns: EventTurns;
  readonly dropped: (count: number) => void;
  readonly delivered: (count: number) => void;
  /** The group has no clients or no events any more. */
  readonly ended: () => void;
}

/** Clients that asked for the same: one upstream, and for each event one execution and one serialisation. */
export interface Group {
  /** Resolves when no later event can be missed by this client, and what was before is agreed to. @throws whatever the subgraph refused with */
  join(subscriber: Subscriber, start: StreamStart): Promise<void>;
  leave(subscriber: Subscriber): void;
  /** Goes on by a plan of another supergraph. Ends when its subgraph refuses. */
  move(plan: EventPlan): Promise<void>;
  end(end: StreamEnd): void;
}

export function openGroup(first: EventPlan, dependencies: GroupDependencies): Group {
  const { waitingEventsMax } = dependencies;
  const members = openMembers(waitingEventsMax);
  const queue = eventQueue(waitingEventsMax, () => dependencies.dropped(1));
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
  const worker = batchWorker(
    dependencies.turns,
    eventWork({ ...dependencies, members, queue, isOpen: () => open, failed: (error) => end(failure(error)) }),
  );
  const upstream = openUpstream({
    ...dependencies,
    heard(event) {
      queue.push(event);
      worker.wake();
    },
    told: worker.idle,
    ended: (failed) => void worker.idle().then(() => end(failed ? failure(failed.error) : { kind: 'completed' })),
  });
  const ready = upstream.start(plan);
  // Each client that joins hears of it for itself.
  ready.catch(() => undefined);
  const leave = (member: Subscriber): void => {
    if (members.remove(member) && members.isEmpty()) end({ kind: 'completed' });
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

interface EventWork extends Pick<GroupDependencies, 'batchEventsMax' | 'delivered'> {
  readonly members: Members;
  readonly queue: EventQueue;
  readonly isOpen: () => boolean;
  readonly failed: (error: unknown) => void;
}

function eventWork(options: EventWork): BatchWork<Run, readonly Delivery[]> {
  const { members, queue, batchEventsMax, isOpen, failed } = options;
  let runs: Run[] = [];
  const delivered = (count: number): number => {
    options.delivered(count);
    return count;
  };
  return {
    failed,
    isWaiting: () => isOpen() && (runs.length > 0 || !queue.isEmpty()),
    take() {
      if (runs.length === 0) runs = queue.take(batchEventsMax);
      return runs.shift() as Run;
    },
    answer: ({ plan, events, gap }) => answers(plan, events, { gap }),
    tell(deliveries) {
      const given = members.deliver(deliveries);
      return isPromise(given) ? given.then(delivered) : delivered(given);
    },
  };
}
