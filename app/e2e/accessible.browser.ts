/** Each page as axe-core sees it, on a dark phone and a light desk: what a screen reader is told, contrast, what the keyboard reaches. */
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../tools/chromium.ts';
import { type Platform, startPlatform } from './platform.ts';

/** What GraphiQL's own parts lack: tabs with a button within, and comments in its dark theme of 3.6 to 1. */
const OF_GRAPHIQL = [['.graphiql-tabs'], ['.graphiql-query-editor .view-lines']];

const PAGES = [
  { name: 'the map', path: '/', shown: '.leaflet-marker-icon', beside: [] },
  { name: 'the list', path: '/#view=list', shown: 'tbody tr', beside: [] },
  { name: 'a device', path: '/#metric=PM2_5&device=rome-14', shown: '.panel h2', beside: [] },
  { name: 'the reference', path: '/docs', shown: '.endpoint', beside: [] },
  { name: 'GraphiQL', path: '/graphiql', shown: '.graphiql-query-editor .view-line', beside: OF_GRAPHIQL },
] as const;
const SCREENS = [
  { width: 390, height: 844, colorScheme: 'dark' },
  { width: 1440, height: 900, colorScheme: 'light' },
] as const;

let platform: Platform;
let browser: Browser;
beforeAll(async () => {
  platform = await startPlatform();
  const executablePath = await findChromium({ install: false });
  if (!executablePath) throw new Error('no Chromium; "npm test" installs one where it can');
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  const place = { latitude: 57.14, longitude: -2.09 };
  const device = await platform.register({
    id: 'rome-14',
    name: 'Rue de Rome 14',
    location: place,
    sensors: ['SDS011'],
  });
  const client = await platform.connect(device);
  await client.publishAsync('greencity/v1/rome-14/measurements', '{"values":{"pm2_5":12.4}}', { qos: 1 });
  await client.endAsync();
});
afterAll(async () => {
  await browser?.close();
  await platform?.[Symbol.asyncDispose]();
});

/** Rules that the page breaks, with the elements; axe is put in as a script of its own, which the page's policy would refuse. */
async function broken(page: Page, beside: readonly (readonly string[])[]): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    `axe.run({ exclude: ${JSON.stringify(beside)} }, { resultTypes: ['violations'] })`,
  )) as {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  };
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe.each(SCREENS)('at $width × $height, $colorScheme', ({ width, height, colorScheme }) => {
  it.each(PAGES)('$name breaks no rule, and is no wider than the screen', async ({ path, shown, beside }) => {
    await using context = await browser.newContext({ viewport: { width, height }, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    await page.goto(platform.url + path);
    await page.locator(shown).first().waitFor();
    expect(await broken(page, beside)).toEqual([]);
    const root = 'document.documentElement';
    expect(await page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`)).toBe(0);
  });
});
