/**
 * Everything the pages load comes from this host. GraphiQL's editor starts workers from blobs and writes its own styles;
 * map tiles and glyphs may be data or blobs.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** Headers that every response carries: names and values in turn, as a head is written. */
export const SECURITY_HEADERS: readonly string[] = [
  ...['content-security-policy', CONTENT_SECURITY_POLICY],
  ...['x-content-type-options', 'nosniff'],
  ...['referrer-policy', 'strict-origin-when-cross-origin'],
  ...['cross-origin-opener-policy', 'same-origin'],
  ...['permissions-policy', 'camera=(), microphone=(), payment=()'],
];
