import type { Clock } from '@greencity/platform/clock/port';
import type { Collection, Page } from '@greencity/platform/documents/port';
import { AppError } from '@greencity/platform/errors';
import type { Viewer } from '@greencity/platform/graphql/port';
import type { Logger } from '@greencity/platform/log/port';
import { createInTurn } from '../in-turn.ts';
import { type AuditEntry, GENESIS, nextEntry } from './audit-chain.ts';

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
  readonly entries: Collection<AuditEntry>;
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

/** Opens the log at its end. */
export async function openAuditLog({ entries, clock, log }: AuditLogOptions): Promise<AuditLog> {
  const inTurn = createInTurn();
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
        try {
          await append(deed);
        } catch (cause) {
          if (!(cause instanceof AppError && cause.code === 'CONFLICT')) throw cause;
          // Another process appended meanwhile: the chain goes on behind its entry.
          last = await newest(entries);
          await append(deed);
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

async function newest(entries: Collection<AuditEntry>): Promise<AuditEntry | undefined> {
  const page = await entries.find({ orderBy: { field: 'seq', direction: 'descending' }, first: 1 });
  return page.items[0]?.document;
}

function actorOf(viewer: Viewer | undefined): string {
  if (!viewer) return 'system';
  if (viewer.kind === 'anonymous') return 'anonymous';
  return viewer.kind === 'user' ? `user:${viewer.userId}` : `key:${viewer.keyId}`;
}
