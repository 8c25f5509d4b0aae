import { readFile, rename, writeFile } from 'node:fs/promises';
import { AppError } from '../errors.ts';

/** An entry that was in the log: while it is still there, nothing up to it was taken away. */
export interface Anchored {
  readonly seq: number;
  readonly hash: string;
}

/** The newest entry that this process wrote, kept beside the log and not in it. */
export interface AuditAnchor {
  /** Undefined where nothing was kept yet. @throws AppError STORE_CORRUPT */
  read(): Promise<Anchored | undefined>;
  keep(entry: Anchored): Promise<void>;
}

/** Name of the file in the data folder. */
export const ANCHOR_FILE = 'audit-head.json';
const OWNER_ONLY = 0o600;
const HASH = /^[0-9a-f]{64}$/;

/** An anchor in a file. It is not forced to the disk: one from before a power cut is an older entry, and no less true. */
export function fileAnchor(path: string): AuditAnchor {
  return {
    async read() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw cause;
      }
      const entry = anchoredIn(text);
      if (!entry) throw new AppError('STORE_CORRUPT', `${path} holds no entry of the audit log`);
      return entry;
    },
    async keep({ seq, hash }) {
      await writeFile(`${path}.new`, `${JSON.stringify({ seq, hash })}\n`, { mode: OWNER_ONLY });
      await rename(`${path}.new`, path);
    },
  };
}

function anchoredIn(text: string): Anchored | undefined {
  try {
    const { seq, hash } = (JSON.parse(text) ?? {}) as { readonly seq?: unknown; readonly hash?: unknown };
    const isEntry = Number.isSafeInteger(seq) && Number(seq) > 0 && typeof hash === 'string' && HASH.test(hash);
    return isEntry ? { seq: Number(seq), hash } : undefined;
  } catch {
    return undefined;
  }
}
