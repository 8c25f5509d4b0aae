/** Streams of a resumable subgraph that go on after a broken connection: what happened meanwhile is read from where they stopped. */
import type { EventSource } from '../port.ts';
import { breakOf, type EventSocket, type OpenedEvents, type Subscribing } from './event-socket.ts';

export type Subscription = Omit<Subscribing, 'part' | 'most' | 'dropped'>;

export interface ResumingOptions {
  readonly socket: EventSocket;
  readonly subscription: Subscription;
  readonly cursorOf: (event: unknown) => string | undefined;
  /** A stream has gone on. */
  readonly resumed: () => void;
  /** A live event was not taken in time and is not given. */
  readonly dropped: () => void;
}

/** Events of one request for the past: all of them fit between the connection and who reads them. */
const PAGE_EVENTS = 1_000;

/** What happened after a cursor, read page by page as it is taken. @throws what the subgraph refused with */
export async function pastEvents(
  { socket, subscription, cursorOf, dropped }: Omit<ResumingOptions, 'resumed'>,
  after: string,
): Promise<AsyncIterator<unknown>> {
  let cursor = after;
  const open = () => {
    const part = { kind: 'after', cursor } as const;
    return socket.open({ ...subscription, part, most: PAGE_EVENTS, dropped });
  };
  let page: OpenedEvents | undefined = await open();
  let given = 0;
  let over = false;
  const taken = async (): Promise<IteratorResult<unknown>> => {
    page ??= await open();
    const next = await page.events.next();
    if (next.done === true) {
      over ||= given < PAGE_EVENTS;
      page = undefined;
      given = 0;
    } else {
      given += 1;
      cursor = cursorOf(next.value) ?? cursor;
    }
    return next;
  };
  return {
    async next() {
      while (!over) {
        try {
          const next = await taken();
          if (next.done !== true) return next;
        } catch (error) {
          if (over || !breakOf(error)) throw error;
          page = undefined;
          given = 0;
          await socket.reconnected();
        }
      }
      return { done: true, value: undefined };
    },
    async return() {
      over = true;
      await page?.events.return?.();
      return { done: true, value: undefined };
    },
  };
}

function openLive({ socket, subscription, dropped }: ResumingOptions, isLost: () => boolean): Promise<OpenedEvents> {
  const part = { kind: 'live', placed: true } as const;
  return socket.open({ ...subscription, part, dropped: () => isLost() && dropped() });
}

/** Live events. After a break, those that were missed come first, in order and once. @throws what the subgraph refused with, or AppError UNAVAILABLE when it stays away */
export async function liveEvents(options: ResumingOptions): Promise<EventSource> {
  const { socket, cursorOf, resumed } = options;
  const gone = Promise.withResolvers<void>();
  let over = false;
  let past: AsyncIterator<unknown> | undefined;
  /** Live events did not fit while the past was given: it is read once more. */
  let overflowed = false;
  const isLost = (): boolean => {
    overflowed ||= past !== undefined;
    return past === undefined;
  };
  const open = () => openLive(options, isLost);
  let live = await open();
  /** Everything up to here was given, or was before the stream. Without it nobody knows what a break swallowed. */
  let reached = live.startCursor;
  let hasResumed = false;

  const missedAfter = async (cursor: string) => {
    overflowed = false;
    past = await pastEvents(options, cursor);
  };
  const resume = async (after: string): Promise<void> => {
    past = undefined;
    for (;;) {
      await Promise.race([socket.reconnected(), gone.promise]);
      if (over) return;
      try {
        live = await open();
        await missedAfter(after);
        hasResumed = true;
        return resumed();
      } catch (error) {
        if (!breakOf(error)) throw error;
      } finally {
        if (over) release();
      }
    }
  };
  const release = (): void => {
    void live.events.return?.();
    void past?.return?.();
  };
  const fromPast = async (from: AsyncIterator<unknown>) => {
    const next = await from.next();
    if (next.done !== true) return next;
    past = undefined;
    if (overflowed && reached !== undefined) await missedAfter(reached);
    return undefined;
  };
  const isKnown = (cursor: string | undefined): boolean =>
    hasResumed && cursor !== undefined && reached !== undefined && cursor <= reached;
  const fromLive = async (): Promise<IteratorResult<unknown> | undefined> => {
    const next = await live.events.next();
    return next.done === true || !isKnown(cursorOf(next.value)) ? next : undefined;
  };
  return {
    get isCatchingUp() {
      return past !== undefined;
    },
    async next() {
      while (!over) {
        try {
          const next = await (past ? fromPast(past) : fromLive());
          if (!next) continue;
          if (next.done !== true) reached = cursorOf(next.value) ?? reached;
          return next;
        } catch (error) {
          if (over) break;
          if (reached === undefined || !breakOf(error)) throw error;
          await resume(reached);
        }
      }
      return { done: true, value: undefined };
    },
    async return() {
      over = true;
      gone.resolve();
      release();
      return { done: true, value: undefined };
    },
  };
}
