/** The samples of docs/api.md, run as they stand there: each against a platform, with the program that its language names. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { greenCity } from '../../sdk/green-city.ts';
import { eventually } from './client.ts';
import { type Platform, startPlatform } from './platform.ts';

const DOCUMENT = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const NAME = 'Rue de Rome 14';

interface Sample {
  readonly section: string;
  readonly language: 'sh' | 'js' | 'python';
  readonly text: string;
}

function samples(): readonly Sample[] {
  return DOCUMENT.split(/^## /m).flatMap((section) =>
    [...section.matchAll(/```(sh|js|python)\n([\s\S]*?)```/g)].map(([, language, text = '']) => ({
      section: section.split('\n', 1)[0] ?? '',
      language: language as Sample['language'],
      text,
    })),
  );
}

let folder = '';
let platform: Platform;
let device: Awaited<ReturnType<Platform['register']>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'greencity-samples-'));
  platform = await startPlatform();
  device = await platform.register({
    id: 'rome-14',
    name: NAME,
    location: { latitude: 57.14, longitude: -2.09 },
    sensors: ['SDS011'],
  });
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function publish(value: number): Promise<void> {
  const client = await platform.connect(device);
  await client.publishAsync(`greencity/v1/${device.id}/measurements`, JSON.stringify({ values: { pm2_5: value } }), {
    qos: 1,
  });
  await client.endAsync();
}

/** Starts a sample; `output` grows while it runs. `stop` ends what the sample has started, too: a shell leaves its curl behind. */
function start({ language, text }: Sample): { stop(): void; output(): string; ended: Promise<void> } {
  const source = text.replaceAll('http://localhost:4000', platform.url);
  const file = join(folder, `sample.${language === 'js' ? 'mjs' : language}`);
  writeFileSync(file, source);
  const program = language === 'sh' ? 'bash' : language === 'js' ? process.execPath : 'python3';
  const args = language === 'python' ? ['-u', file] : [file];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      output += String(error);
      resolve();
    });
    child.once('exit', () => resolve());
  });
  const stop = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid);
  };
  return { stop, output: () => output, ended };
}

async function runToEnd(sample: Sample): Promise<string> {
  const { output, ended } = start(sample);
  await ended;
  return output();
}

const inSection = (name: string) => samples().filter(({ section }) => section === name);
/** `python3` and `curl` are not everywhere; what there is is run. */
const missing = (output: string) => /ENOENT|curl: command not found/.test(output);

describe('docs/api.md', () => {
  it('shows a query, a subscription and a registered operation in three languages each', () => {
    for (const section of ['A query', 'A subscription', 'A registered operation'])
      expect(inSection(section).map(({ language }) => language)).toEqual(['sh', 'js', 'python']);
  });

  it.each(inSection('A query'))('$section in $language', async (sample) => {
    const output = await runToEnd(sample);
    if (!missing(output)) expect(output).toContain(NAME);
  });

  it.each(inSection('A subscription'))('$section in $language', async (sample) => {
    const { stop, output, ended } = start(sample);
    let value = 10;
    await eventually('a value in the output', async () => {
      if (missing(output()) || output().includes(NAME)) return true;
      value += 1;
      await publish(value);
      return undefined;
    });
    stop();
    await ended;
    if (!missing(output())) expect(output()).toContain(NAME);
  });

  it.each(inSection('A registered operation'))('$section in $language', async (sample) => {
    const output = await runToEnd(sample);
    if (!missing(output)) expect(output).toContain('outside');
  });

  it.each(inSection('Signing in'))('$section in $language', async (sample) => {
    const output = await runToEnd(sample);
    if (!missing(output)) expect(output).toContain('accessToken');
  });
});

describe('the SDK', () => {
  it('asks registered queries by GET and their id, and gives typed answers', async () => {
    const asked: string[] = [];
    const city = greenCity({
      url: platform.url,
      fetch: (url, init) => {
        asked.push(`${init.method ?? 'GET'} ${new URL(url).pathname}`);
        return fetch(url, init);
      },
    });
    const { zones } = await city.zones();
    expect(zones.map(({ id }) => id)).toContain('outside');
    expect(asked).toEqual([expect.stringMatching(/^GET \/graphql\/[0-9a-f]{64}$/)]);
    const { devices } = await city.devices({ first: 1 });
    expect(devices.nodes[0]?.name).toBe(NAME);
    expect(await city.query('{ devices { totalCount } }')).toEqual({ devices: { totalCount: 1 } });
  });

  it('says what was refused, by its code', async () => {
    const city = greenCity({ url: platform.url });
    await expect(city.retireDevice({ id: device.id })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(city.query('{ nothing }')).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });

  it('signs its calls with the token that it is given', async () => {
    const city = greenCity({ url: platform.url, token: () => platform.token() });
    expect(await city.query('{ viewer { role } }')).toEqual({ viewer: { role: 'ADMIN' } });
    const { updateDevice } = await city.updateDevice({ id: device.id, input: { tags: ['roadside'] } });
    expect(updateDevice.id).toBe(device.id);
  });

  it('gives events until the loop is left', async () => {
    const city = greenCity({ url: platform.url });
    const events = city.measurementReceived({ metrics: ['PM2_5'] });
    const first = events.next();
    let value = 100;
    const received = await eventually('an event', async () => {
      value += 1;
      await publish(value);
      return await Promise.race([first, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);
    });
    expect(received.value?.measurementReceived.device.name).toBe(NAME);
    await events.return();
    const streams = /gateway_event_streams (\d+)/;
    await eventually('the stream to be closed', async () => {
      const metrics = await (await fetch(`${platform.url}/metrics`)).text();
      return streams.exec(metrics)?.[1] === '0' || undefined;
    });
  });
});
