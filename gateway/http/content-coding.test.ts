import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { coded, codingFor } from './content-coding.ts';

describe('the coding of an answer', () => {
  it.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['gzip;q=0', undefined],
    ['br;q=0, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip', 'gzip'],
    ['gzip;q=2', undefined],
    [`gzip${', x'.repeat(100)}`, undefined],
  ])('for Accept-Encoding %j is %s', (acceptEncoding, coding) => {
    expect(codingFor(acceptEncoding)).toBe(coding);
  });
});

describe('a body in a coding', () => {
  const long = (bytes: number) => Buffer.from('{"metric":"PM2_5"}'.repeat(Math.ceil(bytes / 18)));

  it.each([
    ['short', 2_000],
    ['long', 100_000],
  ])('holds the same, %s', async (_, bytes) => {
    const body = long(bytes);
    expect(gunzipSync((await coded(body, 'gzip')) ?? '')).toEqual(body);
    expect(brotliDecompressSync((await coded(body, 'br')) ?? '')).toEqual(body);
  });

  it('is made once, also for those who ask while it is made', async () => {
    const body = long(100_000);
    const [one, other] = [coded(body, 'br'), coded(body, 'br')];
    expect(other).toBe(one);
    expect(await one).toBe(coded(body, 'br'));
  });

  it('is none where it would be longer', () => {
    expect(coded(crypto.getRandomValues(Buffer.alloc(2_000)), 'gzip')).toBeUndefined();
  });

  it('is none while two others are made, and is made later', async () => {
    const under = [coded(long(100_000), 'gzip'), coded(long(100_001), 'gzip')];
    const body = long(100_002);
    expect(coded(body, 'gzip')).toBeUndefined();
    await Promise.all(under);
    expect(await coded(body, 'gzip')).toBeInstanceOf(Buffer);
  });
});
