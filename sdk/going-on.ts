import { type Answer, answerOf, dataOf } from './answer.ts';
import { events } from './event-stream.ts';
import { type GraphError, GreenCityError } from './graph-error.ts';

/** A stretch of time of which events may be missing. */
export interface Gap {
  readonly from: Date;
  readonly to: Date;
}

/** How a subscription begins, goes on and tells of itself. */
export interface SubscribeOptions {
  /** Ends the subscription when it is aborted: the loop ends. */
  readonly signal?: AbortSignal | undefined;
  /** Begin with the present: the newest values, open alerts or every status come first, as events. */
  readonly snapshot?: boolean | undefined;
  /** Go on after the event that had this cursor, as told by `onEvent`. */
  readonly cursor?: string | undefined;
  /** Told of each event before it is given: where it stands, and whether it is part of the present that was asked for. */
  readonly onEvent?: ((event: { readonly cursor: string | undefined; readonly snapshot: boolean }) => void) | undefined;
  /** Told of what could not be answered in an event whose other fields are given. */
  readonly onErrors?: ((errors: readonly GraphError[]) => void) | undefined;
  /** Told when the connection stands, and when it broke and why. */
  readonly onConnection?: ((state: 'open' | 'lost', cause?: unknown) => void) | undefined;
  /** Told of a time of which events may be missing. Without it, events that cannot be made good end the loop with `CURSOR_EXPIRED`. */
  readonly onGap?: ((gap: Gap) => void) | undefined;
  /** `false`: a connection that breaks ends the loop with an error, where it is opened again otherwise. */
  readonly reconnect?: boolean | undefined;
}

/** Where a subscription begins, in its `extensions`. */
export interface Going {
  readonly snapshot?: true;
  readonly cursor?: string;
}

interface Opened extends SubscribeOptions {
  /** A token that has ended can be had anew. */
  readonly renewable: boolean;
  /** The first wait before a connection is opened again; doubled up to thirty times as long. */
  readonly retryMs?: number;
}

const RETRY_MS = 500;
const RETRIES_DOUBLED_MAX = 5;
/** Refusals that pass: the platform starts, has too much to do, or lacks a part. */
const PASSING: ReadonlySet<string> = new Set(['UNREACHABLE', 'UNAVAILABLE', 'RATE_LIMITED', 'UNKNOWN']);

/**
 * The events of a subscription, over as many connections as it takes: each goes on after the last event that was given, so that nothing is
 * missed or given twice. The first connection must stand, else its error is thrown.
 * @throws GreenCityError what is refused for good
 */
export async function* goingOn<T>(
  open: (start: Going, ends: AbortSignal) => Promise<Response>,
  options: Opened,
): AsyncGenerator<T, void, undefined> {
  const leaving = new AbortController();
  const ends = options.signal ? AbortSignal.any([options.signal, leaving.signal]) : leaving.signal;
  const place = placeOf(options);
  const life: Life = { stood: false, failures: 0, signed: false };
  try {
    for (;;) {
      try {
        const response = await open(place.start(), ends);
        if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
          dataOf(await answerOf(response), response);
        place.opened();
        Object.assign(life, { stood: true });
        options.onConnection?.('open');
        for await (const answer of events(response)) {
          if (ends.aborted) return;
          const data = place.take<T>(answer);
          Object.assign(life, { failures: 0, signed: false });
          if (data !== undefined) yield data;
        }
        throw new GreenCityError([{ message: 'The platform ended the stream.', extensions: { code: 'UNAVAILABLE' } }]);
      } catch (error) {
        if (ends.aborted) return;
        await again(error, { life, place, options, ends });
      }
    }
  } finally {
    leaving.abort();
  }
}

/** What has become of the connections so far. */
interface Life {
  /** One has stood. */
  stood: boolean;
  /** Since the last event. */
  failures: number;
  /** A token was asked for anew since the last event. */
  signed: boolean;
}

interface Broken {
  readonly life: Life;
  readonly place: Place;
  readonly options: Opened;
  readonly ends: AbortSignal;
}

/** Returns when the connection is to be opened again. @throws the error when it is not */
async function again(error: unknown, { life, place, options, ends }: Broken): Promise<void> {
  const code = error instanceof GreenCityError ? error.code : 'UNREACHABLE';
  if (!life.stood || options.reconnect === false) throw error;
  options.onConnection?.('lost', error);
  if (code === 'CURSOR_EXPIRED' && options.onGap) return place.forget();
  if (code === 'UNAUTHENTICATED' && options.renewable && !life.signed) {
    life.signed = true;
    return;
  }
  if (!PASSING.has(code)) throw error;
  const wait = (options.retryMs ?? RETRY_MS) * 2 ** Math.min(life.failures, RETRIES_DOUBLED_MAX);
  life.failures += 1;
  const asked = error instanceof GreenCityError ? (error.retryAfterMs ?? 0) : 0;
  await pause(Math.max(wait * (0.75 + Math.random() / 4), asked), ends);
}

/** Where in its stream a subscription stands. */
interface Place {
  start(): Going;
  opened(): void;
  /** The data of an event. @throws GreenCityError when it has errors alone */
  take<T>(answer: Answer): T | undefined;
  /** What came after the last event cannot be given any more. */
  forget(): void;
}

function placeOf({ snapshot, cursor: first, onEvent, onErrors, onGap }: SubscribeOptions): Place {
  let cursor = first;
  let heard: Date | undefined;
  let torn = false;
  return {
    start: () => ({ ...(snapshot ? { snapshot: true } : {}), ...(cursor === undefined ? {} : { cursor }) }),
    opened() {
      const now = new Date();
      if (heard && (torn || (cursor === undefined && !snapshot))) onGap?.({ from: heard, to: now });
      heard = now;
      torn = false;
    },
    take<T>(answer: Answer): T | undefined {
      const { data, errors = [], extensions = {} } = answer;
      if ((data === undefined || data === null) && errors.length > 0) throw new GreenCityError(errors);
      heard = new Date();
      cursor = extensions.cursor ?? cursor;
      if (extensions.gap) onGap?.({ from: new Date(extensions.gap.from), to: new Date(extensions.gap.to) });
      onEvent?.({ cursor: extensions.cursor, snapshot: extensions.snapshot === true });
      if (errors.length > 0) onErrors?.(errors);
      return (data ?? undefined) as T | undefined;
    },
    forget() {
      cursor = undefined;
      torn = true;
    },
  };
}

function pause(ms: number, ends: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      ends.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms);
    ends.addEventListener('abort', over);
  });
}
