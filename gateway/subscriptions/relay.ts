import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { EventSource, Gap } from '../subgraph/port.ts';
import type { EventPlan } from './event-answers.ts';
import { type Handover, openHandover, openSettling, type Placed } from './handover.ts';

/** An event, and the plan that its subgraph was asked by. */
export interface Heard {
  readonly plan: EventPlan;
  readonly event: unknown;
  /** Before this event some may be missing. */
  readonly gap: Gap | undefined;
}

/** Events as they are asked for by a plan. */
export interface Source {
  readonly plan: EventPlan;
  readonly events: EventSource;
}

export interface RelayDependencies {
  readonly clock: Clock;
  /** Events of two sources that are remembered while the one takes over from the other. */
  readonly waitingEventsMax: number;
  readonly heard: (heard: Heard) => void;
  /** Resolves when everything that was heard has been told. */
  readonly told: () => Promise<void>;
  /** The subgraph gives no more events: it has ended, or failed with this error. */
  readonly ended: (failure?: { readonly error: unknown }) => void;
}

/** Passes on the events of one source, and then of others that take over from it. */
export interface Relay {
  /** None is lost between the two; none is doubled that carries a cursor, or that both give as the same. */
  takeOver(to: Source): void;
  close(): void;
}

/** How long an old source may take to come to the first event of the new one. With nothing happening there is none. */
const HANDOVER_MS = 2_000;

interface Moving {
  readonly to: Source;
  readonly handover: Handover;
  readonly over: AbortController;
}

export function openRelay(first: Source, dependencies: RelayDependencies): Relay {
  const { clock, waitingEventsMax, ended } = dependencies;
  const passing = openPassing(dependencies.heard);
  let current = first;
  let moving: Moving | undefined;
  let settling: ReturnType<typeof openSettling> | undefined;
  let open = true;

  const complete = (): void => {
    if (!moving) return;
    const { to, handover, over } = moving;
    moving = undefined;
    over.abort();
    passing.noteGap(current);
    release(current.events);
    current = to;
    settling = openSettling(handover.expected(), passing.isPassed);
    for (const { event, cursor } of handover.held()) if (!passing.isPassed(cursor)) passing.pass(to, event, cursor);
  };
  const takeCurrent = (event: Placed): void => {
    // What was passed on before had its gaps told with it.
    if (settling?.isKnown(event)) return void current.events.takeGap?.();
    settling = undefined;
    passing.pass(current, event.event, event.cursor);
    if (moving?.handover.passed(event)) complete();
  };
  const take = (source: Source, given: unknown): void => {
    if (!open) return;
    if (source === current && !moving && !settling) {
      passing.pass(source, given, source.plan.events.prepared.cursorOf(given));
      return;
    }
    const event = placed(source, given);
    if (source === current) takeCurrent(event);
    else if (source === moving?.to && moving.handover.came(event)) {
      source.events.takeGap?.();
      complete();
    }
  };
  const finished = (source: Source, failure: { readonly error: unknown } | undefined): void => {
    if (!open) return;
    const isReplaced = source === current && moving !== undefined && !isLoss(failure?.error);
    if (isReplaced || source === moving?.to) complete();
    if (!isReplaced && source === current) ended(failure);
  };
  const reader: Reader = { take, told: dependencies.told, finished };
  follow(first, reader);
  return {
    takeOver(to) {
      complete();
      const over = new AbortController();
      moving = { to, handover: openHandover(waitingEventsMax), over };
      // What the old source has still to give of a time when its subgraph was away, the new one does not give.
      const isBehind = () => current.events.isCatchingUp === true;
      void late({ clock, over: over.signal, isBehind }).then(() => moving?.to === to && complete());
      follow(to, reader);
    },
    close() {
      open = false;
      moving?.over.abort();
      release(moving?.to.events);
      release(current.events);
    },
  };
}

interface Lateness {
  readonly clock: Clock;
  readonly over: AbortSignal;
  readonly isBehind: () => boolean;
}

async function late({ clock, over, isBehind }: Lateness): Promise<void> {
  do await clock.sleep(HANDOVER_MS, over);
  while (!over.aborted && isBehind());
}

/** Passes events on, and knows how far it has come and what they have to tell of gaps. */
function openPassing(heard: (heard: Heard) => void) {
  /** The furthest event that was passed on. */
  let lastCursor: string | undefined;
  let gap: Gap | undefined;
  const isPassed = (cursor: string | undefined): boolean =>
    cursor !== undefined && lastCursor !== undefined && cursor <= lastCursor;
  const noteGap = ({ events }: Source): void => {
    const noted = events.takeGap?.();
    if (noted) gap = { ...noted, fromMs: gap?.fromMs ?? noted.fromMs };
  };
  return {
    isPassed,
    /** The next event that is passed on tells of it. */
    noteGap,
    pass(source: Source, event: unknown, cursor: string | undefined): void {
      noteGap(source);
      if (cursor !== undefined && !isPassed(cursor)) lastCursor = cursor;
      const before = gap;
      gap = undefined;
      heard({ plan: source.plan, event, gap: before });
    },
  };
}

function placed({ plan }: Source, event: unknown): Placed {
  const { prepared } = plan.events;
  let known: { readonly identity: unknown } | undefined;
  return {
    event,
    cursor: prepared.cursorOf(event),
    identity() {
      known ??= { identity: prepared.identityOf(event) };
      return known.identity;
    },
  };
}

/** Events are gone that no other source gives. */
function isLoss(error: unknown): boolean {
  return error instanceof AppError && error.code === 'CURSOR_EXPIRED';
}

/** Events that were missed are given on so many at a time. */
const TOLD_AT_ONCE = 64;

interface Reader {
  readonly take: (source: Source, event: unknown) => void;
  readonly told: () => Promise<void>;
  readonly finished: (source: Source, failure: { readonly error: unknown } | undefined) => void;
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
    finished(source, undefined);
  } catch (error) {
    finished(source, { error });
  }
}

/** Some iterators only listen to `return` once their `next` has been answered, so nobody waits for it. */
export function release(events: AsyncIterator<unknown> | undefined): void {
  Promise.resolve(events?.return?.()).catch(() => undefined);
}
