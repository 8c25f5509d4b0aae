/** The page in a real browser: a reading that a device publishes changes the map, without a reload and without asking anybody else on the network. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../tools/chromium.ts';
import { eventually } from './client.ts';
import { type Platform, startPlatform } from './platform.ts';

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
  browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname !== '127.0.0.1' && !['data:', 'blob:'].includes(protocol)) strangers.push(request.url());
  });
  page.on('pageerror', (error) => faults.push(error.message));
});
afterAll(async () => {
  await browser?.close();
  await platform?.[Symbol.asyncDispose]();
});

async function publish(
  device: { readonly id: string; readonly username: string; readonly password: string },
  values: Record<string, number>,
): Promise<void> {
  const client = await platform.connect(device);
  await client.publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify({ values }), { qos: 1 });
  await client.endAsync();
}

describe('the live map', () => {
  it('shows a device, and a published reading changes its number and colour at once', async () => {
    const device = await platform.register({ name: 'Rue de Rome 14', location: PLACE, sensors: ['SDS011'] });
    await publish(device, { pm2_5: 4 });
    await page.goto(platform.url);
    const marker = page.locator(`[data-device="${device.id}"]`);
    await marker.waitFor();
    expect(await marker.textContent()).toBe('4.0');
    const before = await marker.getAttribute('style');
    await page.locator('.connection.live').waitFor();
    await publish(device, { pm2_5: 180 });
    await page.locator(`[data-device="${device.id}"]`, { hasText: '180' }).waitFor();
    expect(await marker.getAttribute('style')).not.toBe(before);
  });

  it('opens a panel with the device, its index, newest values and a chart', async () => {
    await page.locator('.leaflet-marker-icon').first().click();
    const panel = page.locator('.panel');
    await panel.getByRole('heading', { name: 'Rue de Rome 14' }).waitFor();
    expect(await panel.textContent()).toContain('European index');
    expect(await panel.locator('table').textContent()).toContain('180 µg/m³');
    await panel.locator('canvas').waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('says the same in the list as on the map', async () => {
    await page.getByRole('button', { name: 'List view' }).click();
    const row = page.getByRole('row', { name: /Rue de Rome 14/ });
    expect(await row.textContent()).toContain('180 µg/m³');
  });

  it('opens with the list where the address says so', async () => {
    await page.goto('about:blank');
    await page.goto(`${platform.url}/#view=list`);
    await page.getByRole('row', { name: /Rue de Rome 14/ }).waitFor();
  });

  it('is used by keyboard alone: one stop of Tab for all markers, Enter opens, Escape leads back', async () => {
    const device = await platform.register({ name: 'Rue de Rome 18', location: { latitude: 57.14, longitude: -2.08 } });
    await publish(device, { pm2_5: 7 });
    await page.goto('about:blank');
    await page.goto(platform.url);
    await page.locator(`[data-device="${device.id}"]`).waitFor();
    const stops = page.locator('.leaflet-marker-icon[tabindex="0"]');
    expect(await stops.count()).toBe(1);
    await stops.focus();
    const label = async () => (await page.locator(':focus').getAttribute('aria-label')) ?? '';
    const first = await label();
    await page.keyboard.press(first.startsWith('Rue de Rome 14') ? 'ArrowRight' : 'ArrowLeft');
    expect(await label()).not.toBe(first);
    const second = (await label()).split(':')[0] ?? '';
    await page.keyboard.press('Enter');
    await page.locator('.panel').getByRole('heading', { name: second }).waitFor();
    expect(await label()).toBe('Device');
    await page.keyboard.press('Escape');
    await page.locator('.panel').waitFor({ state: 'detached' });
    expect(await label()).toContain(second);
  });

  it('keeps what it shows while the platform does not answer, says so, and draws zones when it answers again', async () => {
    await page.goto('about:blank');
    await page.route('**/graphql', (route) => route.abort());
    await page.goto(platform.url);
    await page.getByText('The platform does not answer').waitFor();
    await page.unroute('**/graphql');
    await page.getByText('devices in view').waitFor({ timeout: 60_000 });
    expect(await page.getByText('The platform does not answer').count()).toBe(0);
  });

  it('asked nobody but its own server, and threw nothing', () => {
    expect(strangers).toEqual([]);
    expect(faults).toEqual([]);
  });
});

describe('GraphiQL', () => {
  it('works with no internet: it loads, and its first example answers', async () => {
    await page.goto(`${platform.url}/graphiql`);
    // The tab takes the name of the first operation once GraphiQL has understood the example.
    await page.getByRole('tab', { name: 'Now' }).waitFor();
    // A click before the editor is ready does nothing, as for a person, who then clicks again.
    const play = page.locator('button[aria-label^="Execute"]').first();
    const answer = page.locator('.result-window', { hasText: 'totalCount' });
    await eventually('the answer', async () => {
      await play.click({ timeout: 1_000 }).catch(() => {});
      return (await answer.count()) > 0 || undefined;
    });
    expect(strangers).toEqual([]);
  });
});
