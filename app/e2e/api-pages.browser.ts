/** The pages for developers in a real browser: the API reference, and GraphiQL with sign-in and a subscription. Nobody else on the network is asked. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../tools/chromium.ts';
import { eventually } from './client.ts';
import { ADMIN, type Platform, startPlatform } from './platform.ts';

const PLACE = { latitude: 57.14, longitude: -2.09 };

let platform: Platform;
let browser: Browser;
let page: Page;
const strangers: string[] = [];
const faults: string[] = [];

beforeAll(async () => {
  platform = await startPlatform();
  const executablePath = await findChromium({ install: false });
  if (!executablePath) throw new Error('no Chromium; "npm test" installs one where it can');
  const quiet = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];
  browser = await chromium.launch({ executablePath, args: quiet });
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname !== '127.0.0.1' && !['data:', 'blob:'].includes(protocol)) strangers.push(request.url());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(message.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await platform?.[Symbol.asyncDispose]();
});

/** Screenshots for people, where a folder for them is named. */
async function picture(name: string): Promise<void> {
  const folder = process.env['GREENCITY_PICTURES'];
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}

describe('the API reference', () => {
  it('shows each endpoint with its parameters and samples, and sends a call', async () => {
    await platform.register({ id: 'rome-14', name: 'Rue de Rome 14', location: PLACE, sensors: ['SDS011'] });
    await page.goto(`${platform.url}/docs`);
    const devices = page.locator('#Devices');
    await devices.waitFor();
    expect(await devices.textContent()).toContain('whole number, 1 to 200; 50 when left out');
    expect(await devices.locator('.sample').textContent()).toBe(`curl -s '${platform.url}/api/v1/devices'`);
    await devices.getByLabel('Value of search').fill('rome 14');
    await devices.getByRole('tab', { name: 'Python' }).click();
    expect(await devices.locator('.sample').textContent()).toContain('/api/v1/devices?search=rome%2014');
    await devices.getByRole('button', { name: 'Send' }).click();
    await devices.locator('.answer', { hasText: 'Rue de Rome 14' }).waitFor();
    await picture('docs');
  });

  it('has a section for all there is at /api/v1', async () => {
    const document = (await (await fetch(`${platform.url}/api/v1/openapi.json`)).json()) as { paths: object };
    expect(await page.locator('.endpoint').count()).toBe(Object.values(document.paths).flatMap(Object.keys).length);
  });
});

describe('GraphiQL', () => {
  const run = async (): Promise<void> => {
    await page.locator('button[aria-label^="Execute"], button[aria-label^="Stop"]').first().click({ timeout: 1_000 });
  };
  const answer = (text: string) => page.locator('.result-window', { hasText: text });
  const answered = (text: string) =>
    eventually(`"${text}" in the answer`, async () => {
      await run().catch(() => {});
      return (await answer(text).count()) > 0 || undefined;
    });

  it('opens with examples, and signs in', async () => {
    await page.goto(`${platform.url}/graphiql`);
    await page.getByRole('tab', { name: 'WhoAmI' }).waitFor();
    await page.getByLabel('email').fill(ADMIN.email);
    await page.getByLabel('password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.bar [role="alert"]').waitFor();
    await page.getByLabel('password').fill(ADMIN.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.signed-in', { hasText: `${ADMIN.email} (ADMIN)` }).waitFor();
    await page.getByRole('tab', { name: 'WhoAmI' }).click();
    await answered('"ADMIN"');
    await picture('graphiql-signed-in');
  });

  it('signs out', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await answered('"viewer": null');
  });

  it('shows what a subscription gives', async () => {
    await page.getByRole('tab', { name: 'Live', exact: true }).click();
    const device = await platform.register({
      id: 'rome-15',
      name: 'Rue de Rome 15',
      location: PLACE,
      sensors: ['SDS011'],
    });
    const client = await platform.connect(device);
    // The tab's own operation must be in the editor before it is executed: it follows the click on the tab.
    await page.locator('.graphiql-query-editor', { hasText: 'measurementReceived' }).waitFor();
    const execute = page.locator('button[aria-label^="Execute"]').first();
    let reading = 10;
    await eventually('a reading in the answer', async () => {
      if ((await execute.count()) > 0) await execute.click();
      reading += 1;
      const values = JSON.stringify({ values: { pm2_5: reading } });
      await client.publishAsync(`greencity/v1/${device.id}/measurements`, values, { qos: 1 });
      return (await answer('Rue de Rome 15').count()) > 0 || undefined;
    });
    await client.endAsync();
    await picture('graphiql-live');
  });

  it('asked nobody but its own server, and threw nothing', () => {
    expect(strangers).toEqual([]);
    expect(faults).toEqual([]);
  });
});

describe('the live map where only registered operations are taken', () => {
  it('works, for it sends its own by their ids', async () => {
    await using strict = await startPlatform({ env: { PERSISTED_OPERATIONS: 'only' } });
    const device = await strict.register({ name: 'Rue de Rome 16', location: PLACE, sensors: ['SDS011'] });
    const client = await strict.connect(device);
    const publish = (pm: number) =>
      client.publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify({ values: { pm2_5: pm } }), {
        qos: 1,
      });
    await publish(4);
    await page.goto(strict.url);
    await page.locator('.connection.live').waitFor();
    await page.locator(`[data-device="${device.id}"]`, { hasText: '4.0' }).waitFor();
    await publish(180);
    await page.locator(`[data-device="${device.id}"]`, { hasText: '180' }).waitFor();
    await client.endAsync();
    const { errors } = await strict.graphql('{ zones { id } }', {}, { token: null });
    expect(errors?.[0]?.extensions?.['code']).toBe('UNREGISTERED_OPERATION');
  });
});
