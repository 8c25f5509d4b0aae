import { inTime } from '@greencity/platform/clock/in-time';
import type { Clock } from '@greencity/platform/clock/port';
import type { Logger } from '@greencity/platform/log/port';
import type { TaggedCache } from '@greencity/platform/tagged-cache/port';
import type { HttpAnswer } from '../http/http-answer.ts';
import type { Changed } from './changes.ts';

/** An answer with whom it may be given to: anyone, or anonymous clients alone. */
export interface Kept<T> {
  readonly value: T;
  readonly forAnyone: boolean;
}

export type FoundAnswer<T> =
  | ({ readonly kind: 'kept'; readonly tags: readonly string[]; readonly lifetimeMs: number } & Kept<T>)
  | { readonly kind: 'none'; readonly mark: string };

/** Answers that gateways share: what one has made, another need not make again. */
export interface SharedAnswers<T> {
  /** Undefined while the cache is away: then each gateway has its own alone. */
  find(key: string): Promise<FoundAnswer<T> | undefined>;
  /** Keeps an answer for other gateways, as soon as it can. */
  keep(
    key: string,
    answer: Kept<T> & { readonly tags: readonly string[]; readonly lifetimeMs: number },
    mark: string,
  ): void;
  change(changed: Changed): void;
}

export interface SharedAnswersOptions {
  readonly cache: TaggedCache;
  /** Answers of one graph are not those of another. */
  readonly version: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Who asks waits so long for what others may have made. */
const FOUND_WITHIN_MS = 25;
/** A cache that does not answer is asked again after this time: waiting for it would take longer than to make the answer. */
const AWAY_MS = 5_000;

export function openSharedAnswers({ cache, version, clock, log }: SharedAnswersOptions): SharedAnswers<HttpAnswer> {
  let awayUntilMs = 0;
  const keyOf = (key: string): string => `${version()} ${key}`;
  const failed = (error: unknown): undefined => {
    if (clock.elapsedMs() >= awayUntilMs) log.warn({ error }, 'answers are not shared with other gateways for now');
    awayUntilMs = clock.elapsedMs() + AWAY_MS;
    return undefined;
  };
  return {
    async find(key) {
      if (clock.elapsedMs() < awayUntilMs) return undefined;
      try {
        const found = await inTime(cache.find(keyOf(key)), { withinMs: FOUND_WITHIN_MS, clock });
        if (!found) return failed(new Error(`no answer within ${FOUND_WITHIN_MS} ms`));
        if (found.kind === 'none') return found;
        return { kind: 'kept', ...readAnswer(found.value), tags: found.tags, lifetimeMs: found.lifetimeMs };
      } catch (error) {
        return failed(error);
      }
    },
    keep(key, { tags, lifetimeMs, ...answer }, mark) {
      cache.keep(keyOf(key), { value: writtenAnswer(answer), tags, lifetimeMs }, mark).catch(failed);
    },
    change: (changed) => cache.change(changed),
  };
}

/** A line of JSON, and the body as it is. */
function writtenAnswer({ value: { status, headers, body }, forAnyone }: Kept<HttpAnswer>): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ status, headers, forAnyone })}\n`), body]);
}

function readAnswer(bytes: Buffer): Kept<HttpAnswer> {
  const end = bytes.indexOf('\n');
  const { status, headers, forAnyone } = JSON.parse(bytes.toString('utf8', 0, end)) as Omit<HttpAnswer, 'body'> & {
    readonly forAnyone: boolean;
  };
  return { value: { status, headers, body: bytes.subarray(end + 1) }, forAnyone };
}
