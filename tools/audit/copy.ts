import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from '../operator/where.ts';

/** A checked-out copy of the audit, serving its supergraphs, subgraphs and tests. */
export interface ServedAudit extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
}

const ENTRY = 'src/index.ts';
/** The copy is TypeScript that Node alone does not run; it brings its own loader. */
const LOADER = 'node_modules/tsx/dist/esm/api/index.mjs';

interface Loader {
  tsImport(path: string, from: string): Promise<{ createRouter(): RequestListener }>;
}

/** The absolute folder of a copy that can be loaded. @throws UsageError that says what is missing. */
export function auditFolder(given: string | undefined): string {
  if (given === undefined) throw new UsageError('Say where the checked-out copy is: --dir PATH.');
  const folder = resolve(given);
  if (!existsSync(join(folder, ENTRY))) {
    throw new UsageError(`${folder} holds no ${ENTRY}: it is not a copy of the federation gateway audit.`);
  }
  if (!existsSync(join(folder, LOADER))) {
    throw new UsageError(`${folder} is not installed: run npm install there, with its development dependency tsx.`);
  }
  return folder;
}

/** Serves a copy from this process, on a free port of the loopback address. */
export async function serveAudit(folder: string): Promise<ServedAudit> {
  const loader = (await import(pathToFileURL(join(folder, LOADER)).href)) as Loader;
  const { createRouter } = await loader.tsImport(pathToFileURL(join(folder, ENTRY)).href, import.meta.url);
  const server = createServer(createRouter()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
