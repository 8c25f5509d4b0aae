import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@greencity/platform/errors';
import type { Logger } from '@greencity/platform/log/port';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

/** The Ed25519 pair that access tokens are signed with. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** RFC 7638 thumbprint of the public key. */
  readonly keyId: string;
  /** The public key as others may fetch it. */
  readonly publicJwk: JWK;
}

const FILE = 'access-tokens.pem';
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * The key in `<dataDir>/keys`, made at the first start, readable by its owner only.
 * @throws AppError STORE_CORRUPT when the file holds no Ed25519 key.
 */
export async function openSigningKey(dataDir: string, log: Logger): Promise<SigningKey> {
  const folder = join(dataDir, 'keys');
  const path = join(folder, FILE);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const pem = (await readPem(path, log)) ?? (await makePem(folder, path));
  const privateKey = parsePem(pem, path);
  const publicKey = createPublicKey(privateKey);
  const jwk = await exportJWK(publicKey);
  const keyId = await calculateJwkThumbprint(jwk);
  return { privateKey, publicKey, keyId, publicJwk: { ...jwk, kid: keyId, alg: 'EdDSA', use: 'sig' } };
}

async function readPem(path: string, log: Logger): Promise<string | undefined> {
  try {
    const pem = await readFile(path, 'utf8');
    if ((await stat(path)).mode & OTHERS && process.platform !== 'win32') {
      log.warn({ path }, 'the signing key could be read by others; its mode was changed to 0600');
      await chmod(path, OWNER_ONLY);
    }
    return pem;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
}

/** Written beside and renamed, so that a crash leaves the whole key or none. */
async function makePem(folder: string, path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const temporary = `${path}.new`;
  await using file = await open(temporary, 'w', OWNER_ONLY);
  await file.writeFile(pem);
  await file.sync();
  await rename(temporary, path);
  await using directory = await open(folder, 'r');
  await directory.sync();
  return pem;
}

function parsePem(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new AppError('STORE_CORRUPT', `${path} holds no private key`, { cause });
  }
  throw new AppError('STORE_CORRUPT', `${path} holds a key that is not Ed25519`);
}
