import { promisify } from 'node:util';
import {
  brotliCompress,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  gzip,
  gzipSync,
} from 'node:zlib';
import { boundedCache } from '../planning/bounded-cache.ts';

/** How bytes are made shorter for the way; what is preferred comes first. */
const CODINGS = ['br', 'gzip'] as const;
export type ContentCoding = (typeof CODINGS)[number];

/** Shorter answers fit into one packet or two as they are. */
export const KEPT_BYTES_MIN = 1_024;
/** What is sent once pays for its coding alone: it must fill more than the first flight of packets would spare. */
export const ONCE_BYTES_MIN = 8_192;
/** What takes longer is done beside the event loop. */
const AT_ONCE_BYTES_MAX = 32 * 1024;
/** Longer bodies under way in the threads that files are written by, too; those that come meanwhile go as they are. */
const ASIDE_MAX = 2;
/** Brotli's first step is as good as gzip's sixth for our JSON and CSV, at a third of the time. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const GZIP = { level: 4 };

const AT_ONCE = {
  br: (body: Buffer) => brotliCompressSync(body, BROTLI),
  gzip: (body: Buffer) => gzipSync(body, GZIP),
};
const brotliAside = promisify(brotliCompress);
const gzipAside = promisify<Buffer, typeof GZIP, Buffer>(gzip);
const ASIDE = {
  br: (body: Buffer) => brotliAside(body, BROTLI),
  gzip: (body: Buffer) => gzipAside(body, GZIP),
};

/** Different `Accept-Encoding` headers that are known: clients have few. */
const KNOWN_MAX = 100;
const KNOWN_LENGTH_MAX = 128;
const known = boundedCache<ContentCoding | 'identity'>(KNOWN_MAX);

/** The coding that a client would rather have by its `Accept-Encoding`; undefined for bytes as they are. */
export function codingFor(acceptEncoding: string | undefined): ContentCoding | undefined {
  if (acceptEncoding === undefined || acceptEncoding.length > KNOWN_LENGTH_MAX) return undefined;
  let coding = known.get(acceptEncoding);
  if (coding === undefined) {
    coding = preferred(acceptEncoding);
    known.set(acceptEncoding, coding);
  }
  return coding === 'identity' ? undefined : coding;
}

/** RFC 9110, section 12.5.3: what is not listed is not wanted, unless `*` is. */
function preferred(acceptEncoding: string): ContentCoding | 'identity' {
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    weights.set(name === 'x-gzip' ? 'gzip' : name, weight >= 0 && weight <= 1 ? weight : 0);
  }
  let best: ContentCoding | 'identity' = 'identity';
  let bestWeight = weights.get('identity') ?? 0;
  for (const coding of CODINGS) {
    const weight = weights.get(coding) ?? weights.get('*') ?? 0;
    if (weight > 0 && (weight > bestWeight || (best === 'identity' && weight === bestWeight))) {
      best = coding;
      bestWeight = weight;
    }
  }
  return best;
}

/** Bytes in a coding; undefined where they would be no fewer. */
type Coded = Buffer | undefined;

/** What was made of a body lives as long as the body does. */
const made = new WeakMap<Buffer, Map<ContentCoding, Coded | Promise<Coded>>>();
let aside = 0;

/** A body in a coding, made once for all who are given the same body; undefined where it goes as it is. */
export function coded(body: Buffer, coding: ContentCoding): Coded | Promise<Coded> {
  let forms = made.get(body);
  if (forms?.has(coding)) return forms.get(coding);
  if (body.length > AT_ONCE_BYTES_MAX && aside >= ASIDE_MAX) return undefined;
  if (!forms) {
    forms = new Map();
    made.set(body, forms);
  }
  const form = body.length > AT_ONCE_BYTES_MAX ? madeAside(body, coding, forms) : shorter(body, AT_ONCE[coding](body));
  forms.set(coding, form);
  return form;
}

async function madeAside(body: Buffer, coding: ContentCoding, forms: Map<ContentCoding, unknown>): Promise<Coded> {
  aside += 1;
  try {
    const form = shorter(body, await ASIDE[coding](body));
    forms.set(coding, form);
    return form;
  } finally {
    aside -= 1;
  }
}

function shorter(body: Buffer, form: Buffer): Coded {
  return form.length < body.length ? form : undefined;
}

/** Files are coded once for as long as they stay the same, so that it may take longer. */
const BROTLI_FILE = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const GZIP_FILE = { level: 6 };

/** A file in a coding; undefined where it goes as it is. */
export async function codedFile(bytes: Buffer, coding: ContentCoding): Promise<Buffer | undefined> {
  return shorter(bytes, coding === 'br' ? await brotliAside(bytes, BROTLI_FILE) : await gzipAside(bytes, GZIP_FILE));
}

/** A stream that codes what is written to it, for answers that are longer than memory. */
export function codingStream(coding: ContentCoding) {
  return coding === 'br' ? createBrotliCompress(BROTLI) : createGzip(GZIP);
}
