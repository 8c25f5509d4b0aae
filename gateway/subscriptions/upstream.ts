import type { Clock } from '@greencity/platform/clock/port';
import type { EventSource, SubgraphExecutor } from '../subgraph/port.ts';
import type { EventPlan } from './event-answers.ts';

export interface UpstreamDependencies {
  readonly subgraphs: SubgraphExecutor;
  readonly clock: Clock;
  /** An event, and the plan that its subgraph was asked by. */
  readonly heard: (plan: EventPlan, event: unknown) => void;
  /** Resolves when everything that was heard has been told. */
  readonly told: () => Promise<void>;
  /** The subgraph gives no more events: it has ended, or failed with this error. */
  readonly ended: (failure?: { readonly error: unknown }) => void;
}

/** The live events of one group. */
export interface Upstream {
  /** Resolves when no later event can be missed. @throws whatever the subgraph refused with */
  start(plan: EventPlan): Promise<void>;
  /**
   * Takes the events by another plan from now on; none is lost or doubled between the two, as long as events carry cursors. Resolves when the
   * new one is listened to. @throws whatever the subgraph refused with; the old one is listened to still
   */
  moveTo(plan: EventPlan): Promise<void>;
  close(): void;
}

interface Source {
  readonly plan: EventPlan;
  readonly events: EventSource;
}

/** While one source takes over from another: what it has told already, and the cursor of the first of it. */
interface Handover {
  readonly to: Source;
  readonly told: unknown[];
  firstCursor: string | undefined;
  readonly over: AbortController;
}

/** How long an old source may take to come to the first event of the new one. With nothing happening there is none. */
const HANDOVER_MS = 2_000;

export function openUpstream({ subgraphs, clock, heard, told, ended }: UpstreamDependencies): Upstream {
  let current: Source | undefined;
  let handover: Handover | undefined;
  /** The furthest event that was passed on. */
  let lastCursor: string | undefined;
  let open = true;

  const pass = ({ plan }: Source, event: unknown): void => {
    const cursor = plan.events.prepared.cursorOf(event);
    if (cursor !== undefined && (lastCursor === undefined || cursor > lastCursor)) lastCursor = cursor;
    heard(plan, event);
  };
  const isPassed = (cursor: string | undefined): boolean =>
    cursor !== undefined && lastCursor !== undefined && cursor <= lastCursor;
  const complete = (): void => {
    if (!handover) return;
    const { to, told, over } = handover;
    handover = undefined;
    over.abort();
    release(current?.events);
    current = to;
    for (const event of told) if (!isPassed(to.plan.events.prepared.cursorOf(event))) pass(to, event);
  };
  const take = (source: Source, event: unknown): void => {
    if (!open) return;
    if (source !== handover?.to) {
      if (source !== current) return;
      pass(source, event);
      if (isPassed(handover?.firstCursor)) complete();
      return;
    }
    const cursor = source.plan.events.prepared.cursorOf(event);
    handover.told.push(event);
    handover.firstCursor ??= cursor;
    // Without cursors nobody can tell where the two meet: from here on the new one counts.
    if (cursor === undefined || isPassed(handover.firstCursor)) complete();
  };
  const finished = (source: Source, failure?: { readonly error: unknown }): void => {
    if (!open) return;
    const isReplaced = source === current && handover !== undefined;
    if (isReplaced || source === handover?.to) complete();
    if (!isReplaced && source === current) ended(failure);
  };
  const subscribe = async (plan: EventPlan): Promise<Source | undefined> => {
    const { prepared, subgraph } = plan.events;
    const events = await prepared.subscribe(plan.eventVariables, subgraphs.context(subgraph, plan.viewer));
    if (open) return { plan, events };
    release(events);
    return undefined;
  };
  return {
    async start(plan) {
      current = await subscribe(plan);
      if (current) follow(current, { take, told, finished });
    },
    async moveTo(plan) {
      const to = await subscribe(plan);
      if (!to) return;
      complete();
      const over = new AbortController();
      handover = { to, told: [], firstCursor: undefined, over };
      void clock.sleep(HANDOVER_MS, over.signal).then(() => {
        if (handover?.to === to) complete();
      });
      follow(to, { take, told, finished });
    },
    close() {
      open = false;
      handover?.over.abort();
      release(handover?.to.events);
      release(current?.events);
    },
  };
}

/** Events that were missed are given on so many at a time. */
const TOLD_AT_ONCE = 64;

interface Reader {
  readonly take: (source: Source, event: unknown) => void;
  readonly told: () => Promise<void>;
  readonly finished: (source: Source, failure?: { readonly error: unknown }) => void;
}

function follow(source: Source, reader: Reader): void {
  const { events } = source;
  if (!events.hear) void read(source, reader);
  else
    events.hear({ heard: (event) => reader.take(source, event), ended: (failure) => reader.finished(source, failure) });
}

async function read(source: Source, { take, told, finished }: Reader): Promise<void> {
  let unread = 0;
  try {
    for (;;) {
      const next = await source.events.next();
      if (next.done === true) break;
      take(source, next.value);
      unread += 1;
      if (source.events.isCatchingUp !== true) unread = 0;
      else if (unread >= TOLD_AT_ONCE) {
        await told();
        unread = 0;
      }
    }
    finished(source);
  } catch (error) {
    finished(source, { error });
  }
}

/** Some iterators only listen to `return` once their `next` has been answered, so nobody waits for it. */
export function release(events: AsyncIterator<unknown> | undefined): void {
  Promise.resolve(events?.return?.()).catch(() => undefined);
}
