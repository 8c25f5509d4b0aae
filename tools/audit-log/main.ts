/** `npm run audit-log -- verify`: whether the audit log is as it was written. Reads the data folder itself, also while the platform runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteDocuments } from '@greencity/platform/documents/sqlite';
import { runProgram } from '../operator/program.ts';
import { UsageError } from '../operator/where.ts';
import { verifyAuditLog } from './audit-log.ts';

const FAILED = 1;
const USAGE = `Usage: npm run audit-log -- verify [--head HASH]

Follows the chain of hashes through the audit log of DATA_DIR (./data). Exit code 0: as it was written; 1: the first row that
is not is named.

  --head HASH   a head that was noted earlier, from this program or from the platform's log: must still be in the chain`;

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
    const path = join(process.env['DATA_DIR'] || './data', 'documents.sqlite');
    if (!existsSync(path)) throw new UsageError(`There is no ${path}: set DATA_DIR to the platform's data folder.`);
    await using documents = await openSqliteDocuments({ path });
    const verdict = await verifyAuditLog(documents, values.head);
    if (verdict.kind === 'broken') {
      process.stdout.write(`The audit log is not as it was written: ${verdict.reason} (row ${verdict.seq}).\n`);
      return FAILED;
    }
    process.stdout.write(`The audit log is as it was written: ${verdict.entries} entries, head ${verdict.head}.\n`);
    return 0;
  },
});
