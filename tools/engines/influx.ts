/** InfluxDB 2, set up with an organisation and a token. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { influxd } from './influx-build.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const ORG = 'greencity';
const POLL_MS = 50;
const READY_WITHIN_MS = 60_000;

export interface Influx extends Server {
  readonly url: string;
  readonly org: string;
  /** It may do everything. */
  readonly token: string;
  /** A new token that may only read. */
  readOnlyToken(): Promise<string>;
}

/** Starts InfluxDB; resolves when it answers. @param dataFolder for its points, when they are to lie elsewhere than the rest */
export async function startInflux({ dataFolder }: { readonly dataFolder?: string } = {}): Promise<Influx> {
  const command = await influxd();
  const port = await freePort();
  const folder = await serverFolder('influx');
  const url = `http://127.0.0.1:${port}`;
  const token = randomBytes(24).toString('hex');
  const args = [
    ...['run', '--http-bind-address', `127.0.0.1:${port}`, '--reporting-disabled', '--log-level', 'error'],
    ...['--bolt-path', join(folder, 'influxd.bolt'), '--sqlite-path', join(folder, 'influxd.sqlite')],
    ...['--engine-path', dataFolder ?? join(folder, 'engine')],
  ];
  const server = await startServer({ name: 'InfluxDB', command, args, folder, port });
  const ask = (path: string, body?: object) => call(`${url}${path}`, token, body);
  try {
    await ready(url);
    await ask('/api/v2/setup', {
      ...{ username: 'admin', password: randomBytes(16).toString('hex'), org: ORG, bucket: 'unused', token },
      retentionPeriodSeconds: 0,
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
  const restart = async () => {
    await server.start();
    await ready(url);
  };
  const stop = () => server.stop();
  return {
    get pid() {
      return server.pid;
    },
    ...{ url, org: ORG, token, stop, start: restart, [Symbol.asyncDispose]: stop },
    ...{ printed: server.printed, kill: server.kill, freeze: server.freeze, thaw: server.thaw },
    async readOnlyToken() {
      const { orgs } = (await ask('/api/v2/orgs')) as { readonly orgs: readonly { readonly id: string }[] };
      const orgID = orgs[0]?.id;
      const resources = [
        { type: 'orgs', id: orgID },
        { type: 'buckets', orgID },
        { type: 'tasks', orgID },
      ];
      const permissions = resources.map((resource) => ({ action: 'read', resource }));
      const made = await ask('/api/v2/authorizations', { orgID, permissions });
      return (made as { readonly token: string }).token;
    },
  };
}

async function ready(url: string): Promise<void> {
  const untilMs = performance.now() + READY_WITHIN_MS;
  while (!(await fetch(`${url}/health`)).ok) {
    if (performance.now() > untilMs) throw new Error('InfluxDB is not ready');
    await sleep(POLL_MS);
  }
}

async function call(url: string, token: string, body?: object): Promise<unknown> {
  const response = await fetch(url, {
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`InfluxDB answered ${response.status}: ${await response.text()}`);
  return await response.json();
}
