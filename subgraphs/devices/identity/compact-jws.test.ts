import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { jsonObject, signedPayload } from './compact-jws.ts';

/** RFC 8037, appendices A.2 and A.4. */
const RFC_KEY = createPublicKey({
  format: 'jwk',
  key: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
});
const RFC_JWS =
  'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg';

const read = (jws: string, key: KeyObject = RFC_KEY) => signedPayload(jws, () => key)?.toString();
const encoded = (text: string) => Buffer.from(text).toString('base64url');

/** The order of the base point, little-endian: RFC 8032, section 5.1. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

describe('a compact JWS', () => {
  it('of RFC 8037 is read', () => {
    expect(read(RFC_JWS)).toBe('Example of Ed25519 signing');
  });

  it('is refused when any one letter is another', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (let place = 0; place < RFC_JWS.length; place += 1) {
      const letter = RFC_JWS[place] ?? '';
      if (letter === '.') continue;
      // The neighbour in the alphabet differs in the last bit alone, which is left over at the end of some parts.
      const other = letters[letters.indexOf(letter) ^ 1] ?? '';
      const altered = `${RFC_JWS.slice(0, place)}${other}${RFC_JWS.slice(place + 1)}`;
      expect(read(altered), `letter ${place}`).toBeUndefined();
    }
  });

  it('has one spelling: none with padding, white space, the letters of base64, or left-over bits', () => {
    const [head = '', body = '', tail = ''] = RFC_JWS.split('.');
    const spellings = [
      `${head}==.${body}.${tail}`,
      `${head}.${body}=.${tail}`,
      `${head}.${body}.${tail}==`,
      `${head}.${body}.${tail} `,
      ` ${RFC_JWS}`,
      `${head}.${body}.${tail.slice(0, 10)}\n${tail.slice(10)}`,
      `${head}.${body}.${tail.replaceAll('_', '/').replaceAll('-', '+')}`,
      ...['B', 'C', 'P', 'R', 'h', 'w'].map((last) => `${head}.${body}.${tail.slice(0, -1)}${last}`),
    ];
    for (const spelling of spellings) expect(read(spelling), spelling).toBeUndefined();
  });

  it('is refused with a part too few, too many or empty', () => {
    const [head = '', body = '', tail = ''] = RFC_JWS.split('.');
    const texts = ['', '.', '..', head, `${head}.${body}`, `${head}.${body}.`, `.${body}.${tail}`, `${head}..${tail}`];
    const more = [`${RFC_JWS}.`, `${RFC_JWS}.${tail}`, `.${RFC_JWS}`, `${head}.${body}.${tail.slice(0, -4)}`];
    for (const text of [...texts, ...more, `${RFC_JWS}AAAA`]) expect(read(text), text).toBeUndefined();
  });

  it('is refused with a signature whose scalar is larger than the order, though it stands for the same', () => {
    const [head = '', body = '', tail = ''] = RFC_JWS.split('.');
    const bytes = Buffer.from(tail, 'base64url');
    const scalar = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString('hex')}`) + ORDER;
    const moved = Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse();
    const malleable = Buffer.concat([bytes.subarray(0, 32), moved]).toString('base64url');
    expect(malleable).toHaveLength(tail.length);
    expect(read(`${head}.${body}.${malleable}`)).toBeUndefined();
  });

  it('is refused with a signature of nothing but zeros', () => {
    const [head = '', body = ''] = RFC_JWS.split('.');
    for (const byte of [0, 1, 255])
      expect(read(`${head}.${body}.${Buffer.alloc(64, byte).toString('base64url')}`)).toBeUndefined();
  });

  it('is refused with a key of another kind, whatever it signed', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const text = `${encoded('{"alg":"EdDSA"}')}.${encoded('{}')}`;
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    expect(read(`${text}.${signature.toString('base64url')}`, publicKey)).toBeUndefined();
  });

  it('is refused by a header that nobody has a key for, or that is no object', () => {
    expect(signedPayload(RFC_JWS, () => undefined)).toBeUndefined();
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    for (const header of ['[]', 'null', '"EdDSA"', '1', '{', '']) {
      const text = `${encoded(header)}.${encoded('{}')}`;
      const signature = sign(null, Buffer.from(text), privateKey).toString('base64url');
      expect(read(`${text}.${signature}`, publicKey), header).toBeUndefined();
    }
  });
});

describe('an object in JSON', () => {
  it.each([
    '{"a":1, "b":2}',
    '{"a":1,"a":2}',
    '{"a":1}\n',
    '{"\\u0061":1}',
    '[1]',
    'null',
    '',
    '{"a":1}x',
    '{"a":1e0}',
  ])('is not read in another spelling than ours: %j', (text) => {
    expect(jsonObject(Buffer.from(text))).toBeUndefined();
  });

  it('is read as we write it', () => {
    expect(jsonObject(Buffer.from('{"name":"Zoé","of":[1,null]}'))).toEqual({ name: 'Zoé', of: [1, null] });
    expect(jsonObject(undefined)).toBeUndefined();
  });
});
