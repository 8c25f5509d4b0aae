import type { Clock } from '../clock/port.ts';
import type { Collection, Documents, Page } from '../documents/port.ts';
import { AppError } from '../errors.ts';
import type { Viewer } from '../graphql/port.ts';
import type { Logger } from '../log/port.ts';
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

/** Processes that append at the same moment; each try puts one of them behind the others. */
const TRIES_MAX = 10;
/** Deeds that may wait to be written down. */
const WAITING_MAX = 10_000;

/** Opens the log at its end; once in each process, so that its parts do not get in each other's way. */
export async function openAuditLog({ documents, clock, log }: AuditLogOptions): Promise<AuditLog> {
  const entries = await documents.collection<AuditEntry>(AUDIT_LOG);
  const inTurn = oneByOne();
  let last = await newest(entries);
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
  }

  return {
    record: (deed) =>
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
      }),
    page: (first, after) =>
      entries.find({ orderBy: { field: 'seq', direction: 'descending' }, first, ...(after && { after }) }),
    head: () => last?.hash ?? GENESIS,
    tellHead() {
      if (clock.nowMs() - toldMs < TELL_HEAD_EVERY_MS) return;
      toldMs = clock.nowMs();
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

async function newest(entries: Collection<AuditEntry>): Promise<AuditEntry | undefined> {
  const page = await entries.find({ orderBy: { field: 'seq', direction: 'descending' }, first: 1 });
  return page.items[0]?.document;
}

function actorOf(viewer: Viewer | undefined): string {
  if (!viewer) return 'system';
  if (viewer.kind === 'anonymous') return 'anonymous';
  return viewer.kind === 'user' ? `user:${viewer.userId}` : `key:${viewer.keyId}`;
}
