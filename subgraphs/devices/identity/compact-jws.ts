/** JWS in compact form (RFC 7515) signed with Ed25519 (RFC 8037), in the one spelling that we write: another one of the same signature is refused. */
import { type KeyObject, verify } from 'node:crypto';

/** A JSON object of a token. */
export type JsonObject = Readonly<Record<string, unknown>>;

const SIGNATURE_BYTES = 64;

/**
 * The payload of a JWS whose signature is right; undefined for every other text. `keyOf` gives the public key that a header asks for, and undefined for a header that
 * it does not take: what a header says beside that is not looked at, so `crit` and its like must be refused there.
 */
export function signedPayload(jws: string, keyOf: (header: JsonObject) => KeyObject | undefined): Buffer | undefined {
  const [head, body, tail, more] = jws.split('.', 4);
  if (head === undefined || body === undefined || tail === undefined || more !== undefined) return undefined;
  const header = jsonObject(bytesOf(head));
  const payload = bytesOf(body);
  const signature = bytesOf(tail);
  if (!header || !payload || signature?.length !== SIGNATURE_BYTES) return undefined;
  const key = keyOf(header);
  if (key?.asymmetricKeyType !== 'ed25519') return undefined;
  const signed = Buffer.from(jws.slice(0, head.length + 1 + body.length), 'latin1');
  // Here and not in another thread: on a busy machine the way there and back costs half as much as the check.
  return verify(null, signed, key, signature) ? payload : undefined;
}

/** An object in JSON as we write it: without white space, and with no name twice. */
export function jsonObject(bytes: Buffer | undefined): JsonObject | undefined {
  const text = bytes?.toString('utf8') ?? '';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject && JSON.stringify(value) === text ? (value as JsonObject) : undefined;
}

/** Bytes of base64url as RFC 4648 demands it of encoders: no padding, no other letters, no bits left over. */
function bytesOf(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
