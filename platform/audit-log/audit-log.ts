import type { Clock } from '../clock/port.ts';
import type { Collection, Documents, Page } from '../documents/port.ts';
import { AppError } from '../errors.ts';
import type { Viewer } from '../graphql/port.ts';
import type { Logger } from '../log/port.ts';
import type { Anchored, AuditAnchor } from './anchor.ts';
import { type AuditEntry, GENESIS, nextEntry } from './chain.ts';

/** What is written down of a deed; the rest follows from who did it. */
export interface Deed {
  readonly action: string;
  readonly subject: string;
  readonly outcome: 'DONE' | 'REFUSED';
  /** Missing for what the platform does by itself. */
  readonly viewer?: Viewer;
}

/** Who did what, when and from where. Only ever appended to. */
export interface AuditLog {
  /** Resolves when the entry is durable. */
  record(deed: Deed): Promise<void>;
  /** Newest first. @throws AppError BAD_CURSOR */
  page(first: number, after: string | undefined): Promise<Page<AuditEntry>>;
  /** Hash of the newest entry, to be kept elsewhere. */
  head(): string;
  /** Writes the head to the log once a day, from where it is taken off this machine. */
  tellHead(): void;
}

export interface AuditLogOptions {
  readonly documents: Documents;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where the newest entry of this process is kept as well, by which the next start finds that an end was cut off. */
  readonly anchor?: AuditAnchor;
}

/** Digits of an id, so that the order of ids is the order of entries. */
const ID_DIGITS = 12;
const SUBJECT_LENGTH_MAX = 300;
const TELL_HEAD_EVERY_MS = 24 * 3_600_000;

/** The id that an entry is stored under. */
export function auditId(seq: number): string {
  return String(seq).padStart(ID_DIGITS, '0');
}

/** Where the entries are kept: one chain for all parts of the platform. Also opened by the program that verifies it. */
export const AUDIT_LOG = {
  name: 'audit-log',
  indexed: { seq: (entry: AuditEntry) => entry.seq },
};

/** Processes that append at the same moment; each try puts one of them before us. */
const TRIES_MAX = 100;
/** Deeds that may wait to be written down. */
const WAITING_MAX = 10_000;

/** Opens the log at its end; once in each process, so that its parts do not get in each other's way. */
export async function openAuditLog({ documents, clock, log, anchor }: AuditLogOptions): Promise<AuditLog> {
  const entries = await documents.collection<AuditEntry>(AUDIT_LOG);
  const inTurn = oneByOne();
  let last = await newest(entries);
  const lost = await lostEnd(entries, anchor, log);
  let toldMs = Number.NEGATIVE_INFINITY;

  async function append({ action, subject, outcome, viewer }: Deed): Promise<void> {
    const entry = nextEntry(last, {
      atMs: clock.nowMs(),
      actor: actorOf(viewer),
      action,
      subject: subject.slice(0, SUBJECT_LENGTH_MAX),
      outcome,
      from: viewer?.from ?? null,
    });
    await entries.insert(auditId(entry.seq), entry);
    last = entry;
    try {
      await anchor?.keep(entry);
    } catch (error) {
      log.warn({ error }, 'the newest entry of the audit log could not be kept beside it; an older one is');
    }
  }

  const record = (deed: Deed) =>
    inTurn(async () => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await append(deed);
        } catch (cause) {
          if (!(cause instanceof AppError && cause.code === 'CONFLICT') || tries === TRIES_MAX) throw cause;
          // Another process appended meanwhile: the chain goes on behind its entry.
          last = await newest(entries);
        }
      }
    });
  // Told in the log itself, too, where it stays: what is kept beside it is another entry from now on.
  if (lost) await record({ action: 'auditLogLacksItsEnd', subject: `${lost.seq} ${lost.hash}`, outcome: 'REFUSED' });

  return {
    record,
    page: (first, after) =>
      entries.find({ orderBy: { field: 'seq', direction: 'descending' }, first, ...(after && { after }) }),
    head: () => last?.hash ?? GENESIS,
    tellHead() {
      if (clock.elapsedMs() - toldMs < TELL_HEAD_EVERY_MS) return;
      toldMs = clock.elapsedMs();
      log.info({ entries: last?.seq ?? 0, head: last?.hash ?? GENESIS }, 'head of the audit log');
    },
  };
}

/** What an entry follows must be known before the next one is made. */
function oneByOne(): (work: () => Promise<void>) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (work) => {
    if (waiting >= WAITING_MAX) throw new AppError('UNAVAILABLE', 'too much waits to be written to the audit log');
    waiting += 1;
    const mine = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = mine.catch(() => undefined);
    await mine;
  };
}

/** The entry that was kept beside the log and is not in it any more. */
async function lostEnd(
  entries: Collection<AuditEntry>,
  anchor: AuditAnchor | undefined,
  log: Logger,
): Promise<Anchored | undefined> {
  let kept: Anchored | undefined;
  try {
    kept = await anchor?.read();
  } catch (error) {
    // A power cut may have emptied it. It is made anew with the next entry.
    log.error({ error }, 'what was kept beside the audit log cannot be read: whether its end was cut off is not known');
  }
  if (!kept || (await entries.get(auditId(kept.seq)))?.document.hash === kept.hash) return undefined;
  const { seq, hash } = kept;
  log.error(
    { seq, hash },
    'the end of the audit log is gone: entries were cut off or written anew, or an older store was put back',
  );
  return kept;
}

async function newest(entries: Collection<AuditEntry>): Promise<AuditEntry | undefined> {
  const page = await entries.find({ orderBy: { field: 'seq', direction: 'descending' }, first: 1 });
  return page.items[0]?.document;
}

function actorOf(viewer: Viewer | undefined): string {
  if (!viewer) return 'system';
  if (viewer.kind === 'anonymous') return 'anonymous';
  return viewer.kind === 'user' ? `user:${viewer.userId}` : `key:${viewer.keyId}`;
}
