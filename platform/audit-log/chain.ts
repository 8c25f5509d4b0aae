import { createHash } from 'node:crypto';

/** What was done, by whom, to what, when and from where. Holds no secret. */
export interface AuditFact {
  readonly atMs: number;
  /** As in `user:user-1`, `key:key-1`, `anonymous`, `system`. */
  readonly actor: string;
  /** Name of the mutation, or of what the platform did by itself. */
  readonly action: string;
  /** Id or email that it was about; empty where there is none. */
  readonly subject: string;
  readonly outcome: 'DONE' | 'REFUSED';
  /** Address of the client; null for what the platform did by itself. */
  readonly from: string | null;
}

/** A fact in its place: its hash is over the fact and the hash before it, so that nothing before can be changed unseen. */
export interface AuditEntry extends AuditFact {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Hash of the entry before; of the first, `GENESIS`. */
  readonly previous: string;
  /** SHA-256, hex. */
  readonly hash: string;
}

export const GENESIS = '0'.repeat(64);

/** The hash of an entry: of all that it says, in this order, as JSON. */
export function auditHash({
  previous,
  seq,
  atMs,
  actor,
  action,
  subject,
  outcome,
  from,
}: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256')
    .update(JSON.stringify([previous, seq, atMs, actor, action, subject, outcome, from]))
    .digest('hex');
}

/** The entry that follows `last`. */
export function nextEntry(last: Pick<AuditEntry, 'seq' | 'hash'> | undefined, fact: AuditFact): AuditEntry {
  const linked = { ...fact, seq: (last?.seq ?? 0) + 1, previous: last?.hash ?? GENESIS };
  return { ...linked, hash: auditHash(linked) };
}

/** Whether a chain is as it was written. */
export type ChainVerdict =
  | { readonly kind: 'intact'; readonly entries: number; readonly head: string }
  | { readonly kind: 'broken'; readonly seq: number; readonly reason: string };

/** Follows a chain from its beginning. The end may have been cut off unseen: for that, it is compared with heads that were noted before. */
export async function verifyChain(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
  noted: readonly string[] = [],
): Promise<ChainVerdict> {
  let last: AuditEntry | undefined;
  const missing = new Set(noted.filter((hash) => hash !== GENESIS));
  for await (const entry of entries) {
    const seq = (last?.seq ?? 0) + 1;
    if (entry.seq !== seq) return { kind: 'broken', seq, reason: `entry ${seq} is missing` };
    if (entry.previous !== (last?.hash ?? GENESIS))
      return { kind: 'broken', seq, reason: `entry ${seq} does not follow the one before it` };
    if (entry.hash !== auditHash(entry)) return { kind: 'broken', seq, reason: `entry ${seq} was changed` };
    missing.delete(entry.hash);
    last = entry;
  }
  const head = last?.hash ?? GENESIS;
  if (missing.size > 0)
    return {
      kind: 'broken',
      seq: (last?.seq ?? 0) + 1,
      reason: 'the noted head is not in the log: its end was cut off or written anew',
    };
  return { kind: 'intact', entries: last?.seq ?? 0, head };
}
