/** `npm run audit-log -- verify`: whether the audit log is as it was written. Reads the store itself, also while the platform runs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ANCHOR_FILE, fileAnchor } from '@greencity/platform/audit-log/anchor';
import { openMongoDocuments } from '@greencity/platform/documents/mongo/store';
import type { Documents } from '@greencity/platform/documents/port';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { jsonLog } from '@greencity/platform/log/json-log';
import { runProgram } from '../operator/program.ts';
import { UsageError } from '../operator/where.ts';
import { verifyAuditLog } from './audit-log.ts';

const FAILED = 1;
const USAGE = `Usage: npm run audit-log -- verify [--head HASH]

Follows the chain of hashes through the audit log of MONGODB_URI, where the platform keeps its documents there, else of DATA_DIR (./data), and looks whether the newest entry of this machine's
platform, which it keeps in DATA_DIR/${ANCHOR_FILE} as well, is still there. Exit code 0: as it was written; 1: the first row that is not is named.

  --head HASH   a head that was noted earlier, from this program or from the platform's log: must still be in the chain`;

type Environment = Readonly<Record<string, string | undefined>>;

function dataDirOf(environment: Environment): string {
  return environment['DATA_DIR'] || './data';
}

/** The store that the platform of these settings keeps its documents in. */
async function openStore(environment: Environment): Promise<Documents> {
  const uriFile = environment['MONGODB_URI_FILE'];
  const uri = environment['MONGODB_URI'] || (uriFile && readFileSync(uriFile, 'utf8').trim());
  const log = jsonLog({ level: 'warn', format: 'text', write: (line) => process.stderr.write(line) });
  if (uri) return await openMongoDocuments({ uri, log });
  const path = join(dataDirOf(environment), 'documents.sqlite');
  if (!existsSync(path)) throw new UsageError(`There is no ${path}: set DATA_DIR to the platform's data folder.`);
  return await openSqliteDocuments({ path });
}

await runProgram({
  usage: USAGE,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { head: { type: 'string' } },
    });
    if (positionals.length !== 1 || positionals[0] !== 'verify') throw new UsageError('Say what to do: verify.');
    if (values.head !== undefined && !/^[0-9a-f]{64}$/.test(values.head))
      throw new UsageError('--head must be 64 hexadecimal digits.');
    const kept = await fileAnchor(join(dataDirOf(process.env), ANCHOR_FILE)).read();
    await using documents = await openStore(process.env);
    const verdict = await verifyAuditLog(
      documents,
      [values.head, kept?.hash].filter((hash) => hash !== undefined),
    );
    if (verdict.kind === 'broken') {
      process.stdout.write(`The audit log is not as it was written: ${verdict.reason} (row ${verdict.seq}).\n`);
      return FAILED;
    }
    process.stdout.write(`The audit log is as it was written: ${verdict.entries} entries, head ${verdict.head}.\n`);
    return 0;
  },
});
