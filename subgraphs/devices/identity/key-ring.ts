import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Clock } from '@greencity/platform/clock/port';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';
import { createInTurn } from '../in-turn.ts';
import { type KeptKey, keyFile } from './key-file.ts';
import { keyWork, PUBLISHED_BEFORE_MS } from './key-schedule.ts';

/** An Ed25519 pair that access tokens are signed with. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** RFC 7638 thumbprint of the public key. */
  readonly keyId: string;
  /** The public key as others may fetch it. */
  readonly publicJwk: JWK;
  readonly signsFromMs: number;
}

/** A key as an admin sees it. */
export interface KeyState {
  readonly keyId: string;
  readonly signsFromMs: number;
  readonly state: 'PUBLISHED' | 'SIGNING' | 'RETIRING';
}

/** The keys of access tokens. The file is looked at again by `tend`, so that another process hears of a revocation. */
export interface KeyRing {
  /** Signs now. */
  signing(): SigningKey;
  /** A key whose tokens are good; undefined for one that was revoked, has left or never was. */
  verifying(keyId: string): SigningKey | undefined;
  /** Rises with each change of what is verified. */
  readonly generation: number;
  /** Every published key (RFC 7517). */
  jwks(): { readonly keys: readonly JWK[] };
  states(): readonly KeyState[];
  /** Publishes the next key, which signs a quarter of an hour later; one that waits already is enough. */
  rotate(): Promise<void>;
  /** Takes a key out at once: every token that it signed ends now. Another signs from this moment on. @throws AppError NOT_FOUND */
  revoke(keyId: string): Promise<void>;
  /** Reads the file again, publishes the next key in time, and lets go of keys whose tokens have all ended. */
  tend(): Promise<void>;
}

export interface KeyRingOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a key signs before the next one does. */
  readonly signsForMs: number;
}

/** Opens the ring; the first start makes a key. @throws AppError STORE_CORRUPT when the file holds something else. */
export async function openKeyRing({ dataDir, clock, log, signsForMs }: KeyRingOptions): Promise<KeyRing> {
  const file = keyFile(dataDir, log);
  const inTurn = createInTurn();
  let keys = await Promise.all((await file.read()).map(opened));
  let generation = 0;

  /** Shown before it is signed with, durable before it is shown. */
  async function keep(next: readonly SigningKey[]): Promise<void> {
    await file.write(next.map(({ privateKey, signsFromMs }) => ({ pem: pemOf(privateKey), signsFromMs })));
    keys = [...next];
    generation += 1;
  }

  async function publishNext(): Promise<void> {
    const next = await opened({ pem: newPem(), signsFromMs: clock.nowMs() + PUBLISHED_BEFORE_MS });
    await keep([...keys, next]);
    log.info({ keyId: next.keyId }, 'the next signing key was published');
  }

  async function reread(): Promise<void> {
    const kept = await Promise.all((await file.read()).map(opened));
    if (kept.map(({ keyId }) => keyId).join() === keys.map(({ keyId }) => keyId).join()) return;
    keys = kept;
    generation += 1;
  }

  async function tend(): Promise<void> {
    await reread();
    const { published, successorDue } = keyWork(keys, clock.nowMs(), signsForMs);
    if (published.length < keys.length) await keep(published);
    if (successorDue) await publishNext();
  }

  function work() {
    return keyWork(keys, clock.nowMs(), signsForMs);
  }

  if (keys.length === 0) await keep([await opened({ pem: newPem(), signsFromMs: clock.nowMs() })]);
  await tend();
  return {
    get generation() {
      return generation;
    },
    signing() {
      const { signing } = work();
      if (!signing) throw new Error('no key signs');
      return signing;
    },
    verifying: (keyId) => keys.find((key) => key.keyId === keyId),
    jwks: () => ({ keys: keys.map(({ publicJwk }) => publicJwk) }),
    states() {
      const { signing } = work();
      return keys.map(({ keyId, signsFromMs }) => ({ keyId, signsFromMs, state: stateOf(signsFromMs, signing) }));
    },
    tend: () => inTurn(tend),
    rotate: () =>
      inTurn(async () => {
        await reread();
        if (!keys.some(({ signsFromMs }) => signsFromMs > clock.nowMs())) await publishNext();
      }),
    revoke: (keyId) =>
      inTurn(async () => {
        await reread();
        if (!keys.some((key) => key.keyId === keyId)) throw new AppError('NOT_FOUND', `signing key ${keyId}`);
        await keep(withoutKey(keys, keyId, clock.nowMs(), await opened({ pem: newPem(), signsFromMs: clock.nowMs() })));
        log.warn({ keyId }, 'a signing key was revoked: every token that it signed has ended');
      }),
  };
}

/** The ring without a key; when none is left that signs, the next one signs at once, or `fresh` does. */
function withoutKey(
  keys: readonly SigningKey[],
  keyId: string,
  nowMs: number,
  fresh: SigningKey,
): readonly SigningKey[] {
  const left = keys.filter((key) => key.keyId !== keyId);
  const newestSigned = left.findLast(({ signsFromMs }) => signsFromMs <= nowMs);
  const waiting = left.find(({ signsFromMs }) => signsFromMs > nowMs);
  const revokedSigns = keys.findLast(({ signsFromMs }) => signsFromMs <= nowMs)?.keyId === keyId;
  if (!revokedSigns && newestSigned) return left;
  if (waiting) return left.map((key) => (key === waiting ? { ...key, signsFromMs: nowMs } : key));
  return [...left, fresh];
}

function stateOf(signsFromMs: number, signing: SigningKey | undefined): KeyState['state'] {
  if (!signing || signsFromMs > signing.signsFromMs) return 'PUBLISHED';
  return signsFromMs === signing.signsFromMs ? 'SIGNING' : 'RETIRING';
}

function newPem(): string {
  return pemOf(generateKeyPairSync('ed25519').privateKey);
}

function pemOf(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function opened({ pem, signsFromMs }: KeptKey): Promise<SigningKey> {
  const privateKey = parsePem(pem);
  const publicKey = createPublicKey(privateKey);
  const jwk = await exportJWK(publicKey);
  const keyId = await calculateJwkThumbprint(jwk);
  return { privateKey, publicKey, keyId, publicJwk: { ...jwk, kid: keyId, alg: 'EdDSA', use: 'sig' }, signsFromMs };
}

function parsePem(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new AppError('STORE_CORRUPT', 'keys/access-tokens.json holds what is no private key', { cause });
  }
  throw new AppError('STORE_CORRUPT', 'keys/access-tokens.json holds a key that is not Ed25519');
}
