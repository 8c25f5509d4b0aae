import type { AuditLog } from '@greencity/platform/audit-log/audit-log';
import type { Clock } from '@greencity/platform/clock/port';
import type { Viewer } from '@greencity/platform/graphql/port';
import { viewerKey } from '@greencity/platform/graphql/viewer';
import type { Logger } from '@greencity/platform/log/port';
import { boundedCache } from '../planning/bounded-cache.ts';

/** Writes down that somebody tried what they have no scope for. Resolves when it is written, or cannot be. */
export type TellRefused = (viewer: Viewer, actions: Iterable<string>) => Promise<void>;

export interface ToldRefusalsOptions {
  /** Missing where this process keeps no documents: the platform's log is told then. */
  readonly audit: Pick<AuditLog, 'record'> | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The same of the same viewer is told once in this time, so that nobody fills the audit log. */
const AGAIN_AFTER_MS = 60_000;
const KNOWN_MAX = 10_000;

/** What the gateway refuses reaches no subgraph, which would write it down. Of somebody who is not signed in there is nothing to tell. */
export function toldRefusals({ audit, clock, log }: ToldRefusalsOptions): TellRefused {
  const toldMs = boundedCache<number>(KNOWN_MAX);
  return async (viewer, actions) => {
    if (viewer.kind === 'anonymous') return;
    for (const action of actions) {
      const key = `${action} ${viewerKey(viewer)}`;
      const nowMs = clock.nowMs();
      if (nowMs - (toldMs.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS) continue;
      toldMs.set(key, nowMs);
      if (!audit) {
        log.warn({ action, userId: viewer.userId, from: viewer.from }, 'somebody tried what they may not');
        continue;
      }
      try {
        await audit.record({ action, subject: '', outcome: 'REFUSED', viewer });
      } catch (error) {
        log.error({ error, action, userId: viewer.userId }, 'what somebody tried could not be written down');
      }
    }
  };
}
