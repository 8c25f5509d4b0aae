import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staticFiles } from './static-files.ts';

let folder: string;
let server: Server;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'greencity-static-'));
  mkdirSync(join(folder, 'web/assets'), { recursive: true });
  mkdirSync(join(folder, 'web/graphiql'));
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'web/index.html'), '<p>map</p>');
  writeFileSync(join(folder, 'web/graphiql/index.html'), '<p>explorer</p>');
  writeFileSync(join(folder, 'web/assets/app-BxY12_ab.js'), 'export {};');
  const handler = staticFiles(join(folder, 'web'));
  server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

describe('the web client', () => {
  it('has its pages at / and /graphiql/, checked for changes each time', async () => {
    const page = await fetch(`${url}/`);
    expect(await page.text()).toBe('<p>map</p>');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const etag = page.headers.get('etag') ?? '';
    expect((await fetch(`${url}/`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    writeFileSync(join(folder, 'web/index.html'), '<p>new</p>');
    expect((await fetch(`${url}/`, { headers: { 'if-none-match': etag } })).status).toBe(200);
    expect(await (await fetch(`${url}/graphiql/`)).text()).toBe('<p>explorer</p>');
  });

  it('has assets that never change', async () => {
    const asset = await fetch(`${url}/assets/app-BxY12_ab.js`);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect((await fetch(`${url}/assets/app-BxY12_ab.js`, { method: 'HEAD' })).headers.get('content-length')).toBe('10');
  });

  it('comes in the coding that the client takes, and is known again in either form', async () => {
    writeFileSync(join(folder, 'web/assets/long-BxY12_ab.js'), 'export const city = {};\n'.repeat(200));
    const get = (headers: Record<string, string>) => fetch(`${url}/assets/long-BxY12_ab.js`, { headers });
    const [plain, gzip] = [await get({ 'accept-encoding': 'identity' }), await get({ 'accept-encoding': 'gzip' })];
    expect([plain, gzip].map(({ headers }) => headers.get('content-encoding'))).toEqual([null, 'gzip']);
    expect(gzip.headers.get('vary')).toBe('Accept-Encoding');
    expect(Number(gzip.headers.get('content-length'))).toBeLessThan(1_000);
    expect(await gzip.text()).toBe(await plain.text());
    for (const { headers } of [plain, gzip])
      expect((await get({ 'if-none-match': headers.get('etag') ?? '' })).status).toBe(304);
  });

  it('does not lead out of its folder', async () => {
    for (const path of [
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/%2e%2e/%2e%2e/secret.txt',
      '/..\\secret.txt',
      '/%00',
      '/%',
    ]) {
      expect((await fetch(url + path)).status, path).toBe(404);
    }
  });
});
