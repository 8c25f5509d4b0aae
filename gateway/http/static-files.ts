import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { boundedCache } from '../planning/bounded-cache.ts';
import { holds, weak } from './conditional.ts';
import { type ContentCoding, codedFile, codingFor, KEPT_BYTES_MIN } from './content-coding.ts';
import { methodNotAllowed, notFound } from './problem.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.pbf': 'application/x-protobuf',
  '.geojson': 'application/geo+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** Types that get shorter; pictures and fonts are so already. */
const TEXTUAL = /^(?:text\/|application\/(?:json|manifest|geo|wasm|x-protobuf)|image\/svg)/;
/** Files in codings that are kept; a web client has fewer. */
const CODED_FILES_MAX = 400;

/** Vite puts a hash of the content into these names: what is behind one never changes. */
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/;
const MISSING = `<!doctype html><html lang="en"><meta charset="utf-8"><title>GreenCity</title>
<h1>The web client has not been built</h1><p>Run <code>npm run build</code>, then load this page again.
The graph itself answers at <code>/graphql</code>.</p></html>`;

/** Serves the files of a folder, the web client's build. A folder's `index.html` answers for the folder. */
export function staticFiles(folder: string) {
  const root = resolve(folder);
  const coded = codedFiles();
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(response, 'GET, HEAD');
    const path = requestedPath(request.url ?? '/');
    const file = path === undefined ? undefined : await fileAt(root, path);
    if (file) return await send({ request, response, coded }, file, path ?? '/');
    if (path === '/' || path?.startsWith('/graphiql') || path?.startsWith('/docs')) {
      response.writeHead(503, { 'content-type': TYPES['.html'], 'cache-control': 'no-store' });
      response.end(MISSING);
      return;
    }
    notFound(response);
  };
}

/** The decoded, normalised path of a URL; undefined for one that cannot be a file's. */
function requestedPath(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split('?', 1)[0] ?? '/');
    return path.includes('\0') || path.includes('\\') ? undefined : normalize(`/${path}`);
  } catch {
    return undefined;
  }
}

interface File {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** A file inside the root. Whatever the path says, nothing outside it is looked at. */
async function fileAt(root: string, path: string): Promise<File | undefined> {
  const name = join(root, path);
  if (name !== root && !name.startsWith(root + sep)) return undefined;
  const found = await stat(name).catch(() => undefined);
  if (found?.isFile()) return { name, bytes: found.size, modifiedMs: found.mtimeMs };
  if (!found?.isDirectory()) return undefined;
  const index = join(name, 'index.html');
  const page = await stat(index).catch(() => undefined);
  return page?.isFile() ? { name: index, bytes: page.size, modifiedMs: page.mtimeMs } : undefined;
}

type CodedFiles = (file: File, etag: string, coding: ContentCoding) => Promise<Buffer | undefined>;

/** Files in codings, each made once while it stays the same; undefined where it goes as it is. */
function codedFiles(): CodedFiles {
  const made = boundedCache<{ readonly bytes: Buffer | undefined }>(CODED_FILES_MAX);
  return async ({ name }, etag, coding) => {
    const key = `${name} ${etag} ${coding}`;
    const known = made.get(key);
    if (known) return known.bytes;
    const bytes = await codedFile(await readFile(name), coding);
    made.set(key, { bytes });
    return bytes;
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly coded: CodedFiles;
}

async function send({ request, response, coded }: Exchange, file: File, path: string): Promise<void> {
  const hashed = HASHED.test(path);
  const etag = hashed ? `"${file.bytes.toString(36)}-${Math.trunc(file.modifiedMs).toString(36)}"` : await digest(file);
  const type = TYPES[extname(file.name).toLowerCase()] ?? 'application/octet-stream';
  const isLong = TEXTUAL.test(type) && file.bytes >= KEPT_BYTES_MIN;
  const coding = isLong ? codingFor(request.headers['accept-encoding']) : undefined;
  const headers = {
    'content-type': type,
    'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: coding === undefined ? etag : weak(etag),
    ...(isLong ? { vary: 'Accept-Encoding' } : {}),
  };
  if (holds(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const bytes = coding === undefined ? undefined : await coded(file, etag, coding);
  if (bytes && coding !== undefined) {
    response.writeHead(200, { ...headers, 'content-encoding': coding, 'content-length': bytes.length });
    response.end(request.method === 'HEAD' ? undefined : bytes);
    return;
  }
  response.writeHead(200, { ...headers, etag, 'content-length': file.bytes });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(createReadStream(file.name), response).catch(() => response.destroy());
}

/** A page keeps its name when it changes, and a copy of it may keep its time: only the content tells. */
async function digest(file: File): Promise<string> {
  return `"${createHash('sha256')
    .update(await readFile(file.name))
    .digest('base64url')
    .slice(0, 22)}"`;
}
