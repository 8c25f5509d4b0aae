import { AUDIT_LOG } from '@greencity/platform/audit-log/audit-log';
import { type AuditEntry, type ChainVerdict, verifyChain } from '@greencity/platform/audit-log/chain';
import type { Documents } from '@greencity/platform/documents/port';

const PAGE_ENTRIES = 1_000;

/** Follows the whole chain in a document store. `noted` are heads that were kept elsewhere. */
export async function verifyAuditLog(documents: Documents, noted: readonly string[]): Promise<ChainVerdict> {
  const collection = await documents.collection<AuditEntry>(AUDIT_LOG);
  async function* entries(): AsyncGenerator<AuditEntry> {
    let after: string | undefined;
    do {
      const page = await collection.find({ first: PAGE_ENTRIES, ...(after && { after }) });
      for (const { document } of page.items) yield document;
      after = page.hasNextPage ? page.endCursor : undefined;
    } while (after);
  }
  return await verifyChain(entries(), noted);
}
