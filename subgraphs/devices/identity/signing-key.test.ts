import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryLog } from '@greencity/platform/log/memory-log';
import { describe, expect, it } from 'vitest';
import { aFolder } from '../fixtures/folder.ts';
import { openSigningKey } from './signing-key.ts';

const P256_PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const FILE = 'keys/access-tokens.pem';
const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('the signing key', () => {
  it('is made at the first start, for its owner only, and the same afterwards', async () => {
    using folder = aFolder();
    const made = await openSigningKey(folder.path, memoryLog());
    const again = await openSigningKey(folder.path, memoryLog());
    expect(again.keyId).toBe(made.keyId);
    expect(modeOf(join(folder.path, FILE))).toBe(0o600);
    expect(modeOf(join(folder.path, 'keys'))).toBe(0o700);
    expect(readdirSync(join(folder.path, 'keys'))).toEqual(['access-tokens.pem']);
  });

  it('shows its public half alone', async () => {
    using folder = aFolder();
    const { publicJwk, keyId } = await openSigningKey(folder.path, memoryLog());
    expect(publicJwk).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: expect.stringMatching(/^[\w-]{43}$/),
      kid: keyId,
      alg: 'EdDSA',
      use: 'sig',
    });
  });

  it('is taken from others who could read it, and that is said', async () => {
    using folder = aFolder();
    await openSigningKey(folder.path, memoryLog());
    chmodSync(join(folder.path, FILE), 0o644);
    const log = memoryLog();
    await openSigningKey(folder.path, log);
    expect(modeOf(join(folder.path, FILE))).toBe(0o600);
    expect(log.entries.map(({ level }) => level)).toEqual(['warn']);
  });

  it.each([
    ['a torn file', ''],
    ['a key of another kind', P256_PEM],
  ])('is refused when the file holds %s, and the file is left alone', async (_, content) => {
    using folder = aFolder();
    mkdirSync(join(folder.path, 'keys'));
    writeFileSync(join(folder.path, FILE), content, { mode: 0o600 });
    await expect(openSigningKey(folder.path, memoryLog())).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(readFileSync(join(folder.path, FILE), 'utf8')).toBe(content);
  });
});
