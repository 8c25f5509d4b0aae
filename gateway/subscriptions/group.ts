import type { SubgraphContext, Viewer } from '@greencity/platform/graphql/port';
import type { GraphQLError } from 'graphql';
import { answerText, type Engine } from '../engine.ts';
import type { CompiledFetch } from '../executor/fetching.ts';
import { absorbRoot, variablesOf } from '../executor/fetching.ts';
import type { CompiledOperation } from '../executor/operation.ts';
import type { DataObject } from '../executor/values.ts';
import type { SubgraphExecutor, SubgraphResult, Variables } from '../subgraph/port.ts';
import type { ConflationKey } from './conflation.ts';
import type { Delivery, StreamEnd, Subscriber } from './delivery.ts';
import { eventQueue } from './event-queue.ts';

/** What all clients of a group have in common. */
export interface GroupSubject {
  readonly operation: CompiledOperation;
  readonly events: CompiledFetch;
  readonly variables: Variables;
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly conflationKey: ConflationKey;
}

export interface GroupDependencies {
  readonly engine: Engine;
  readonly subgraphs: SubgraphExecutor;
  readonly batchEventsMax: number;
  readonly waitingEventsMax: number;
  readonly dropped: () => void;
  readonly delivered: (count: number) => void;
  /** The group has no clients or no events any more. */
  readonly ended: () => void;
}

/** Clients that asked for the same: one upstream, and for each event one execution and one serialisation. */
export interface Group {
  readonly size: number;
  /** Resolves when no later event can be missed. @throws whatever the subgraph refused with */
  readonly ready: Promise<void>;
  join(subscriber: Subscriber): void;
  leave(subscriber: Subscriber): void;
  end(end: StreamEnd): void;
}

export function openGroup(subject: GroupSubject, dependencies: GroupDependencies): Group {
  const { subgraphs } = dependencies;
  const { prepared, subgraph } = subject.events;
  const members = new Set<Subscriber>();
  const variables = variablesOf(subject.events, subject.variables);
  const queue = eventQueue(dependencies.waitingEventsMax, dependencies.dropped);
  let upstream: AsyncIterator<unknown> | undefined;
  let open = true;

  const end = (how: StreamEnd): void => {
    if (!open) return;
    open = false;
    dependencies.ended();
    release(upstream);
    for (const member of [...members]) member.end(how);
    members.clear();
  };
  const worker = batchWorker(queue, dependencies.batchEventsMax, async (events) => {
    const deliveries = await answers(subject, dependencies, variables, events).catch((error: unknown) => {
      end({ kind: 'failed', errors: JSON.stringify(explained(subject, dependencies.engine, error)) });
      return [];
    });
    for (const delivery of deliveries) for (const member of members) member.deliver(delivery);
    dependencies.delivered(deliveries.length * members.size);
  });
  const read = async (events: AsyncIterator<unknown>): Promise<void> => {
    try {
      for (;;) {
        const next = await events.next();
        if (next.done === true || !open) break;
        queue.push(next.value);
        worker.wake();
      }
      await worker.idle();
      end({ kind: 'completed' });
    } catch (error) {
      end({ kind: 'failed', errors: JSON.stringify(explained(subject, dependencies.engine, error)) });
    }
  };
  const start = async (): Promise<void> => {
    try {
      const events = await prepared.subscribe(variables, subgraphs.context(subgraph, subject.viewer));
      if (!open) return release(events);
      upstream = events;
      void read(events);
    } catch (error) {
      members.clear();
      end({ kind: 'completed' });
      throw error;
    }
  };
  const leave = (member: Subscriber): void => {
    if (members.delete(member) && members.size === 0) end({ kind: 'completed' });
  };
  return {
    get size() {
      return members.size;
    },
    ready: start(),
    join: (member) => void members.add(member),
    leave,
    end,
  };
}

/** Some iterators only listen to `return` once their `next` has been answered, so nobody waits for it. */
function release(events: AsyncIterator<unknown> | undefined): void {
  Promise.resolve(events?.return?.()).catch(() => undefined);
}

/** Errors with which a subscription was refused or ended. */
export function explained(subject: GroupSubject, engine: Engine, error: unknown): GraphQLError[] {
  const fault = { subgraph: subject.events.subgraph, error: error as Error, path: undefined, whole: true };
  return engine.explainer(subject.requestId).faults([fault]);
}

/** Works through a queue one batch at a time. Events of one turn of the event loop go together. */
function batchWorker(
  queue: { readonly length: number; take(most: number): unknown[] },
  batchMax: number,
  work: (events: readonly unknown[]) => Promise<void>,
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

/** The answers to a batch of events, in their order. Fetches of entities serve the whole batch. */
async function answers(
  subject: GroupSubject,
  { engine }: GroupDependencies,
  variables: Variables,
  events: readonly unknown[],
): Promise<readonly Delivery[]> {
  const { operation, viewer } = subject;
  const explainer = engine.explainer(subject.requestId);
  const roots = events.map((): DataObject => ({}));
  const deliveries: Delivery[] = [];
  await engine.run({ roots, variables: subject.variables, viewer }, async (run) => {
    const own = run.context(subject.events.subgraph);
    const results = events.map((event) => eventResult(subject.events, event, variables, own));
    for (const [index, result] of results.entries()) {
      absorbRoot(subject.events, run, { objects: [roots[index] ?? {}], roots: [index] }, await result);
    }
    await operation.fetchAll(run);
    for (const [index, root] of roots.entries()) {
      const written = operation.write(root, run.faults[index] ?? [], subject.variables);
      const cursor = subject.events.prepared.cursorOf(events[index]);
      const extensions = cursor === undefined ? undefined : JSON.stringify({ cursor });
      const payload = answerText({ data: written.json, errors: explainer.faults(written.faults) }, extensions);
      deliveries.push(lazyDelivery({ payload, cursor }, () => subject.conflationKey(root)));
    }
  });
  return deliveries;
}

async function eventResult(
  fetch: CompiledFetch,
  event: unknown,
  variables: Variables,
  context: SubgraphContext,
): Promise<SubgraphResult> {
  try {
    return await fetch.prepared.executeEvent(event, variables, context);
  } catch (error) {
    return { data: null, errors: [{ message: String(error), originalError: error }] };
  }
}

function lazyDelivery(written: Pick<Delivery, 'payload' | 'cursor'>, key: () => string | undefined): Delivery {
  let known: { readonly key: string | undefined } | undefined;
  return {
    ...written,
    get conflationKey() {
      known ??= { key: key() };
      return known.key;
    },
  };
}
