/** A platform of two processes on embedded engines: one that takes in and keeps the data, and a gateway in front of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Platform, type PlatformOptions, startPlatform } from './platform.ts';

export const DATA_ROLES = ['ingest', 'devices', 'measurements', 'alerts', 'predictions'] as const;
const SUBGRAPHS = DATA_ROLES.slice(1);

export interface Apart extends Platform {
  /** The process behind the gateway. */
  readonly data: Platform;
  /** Starts a process in the place of one that has ended: same data, same port. */
  restartData(): Promise<void>;
}

/** Requests go to the gateway, messages to the process behind it. */
export async function startApart(): Promise<Apart> {
  const folder = mkdtempSync(join(tmpdir(), 'greencity-apart-'));
  const secret = join(folder, 'gateway.secret');
  writeFileSync(secret, `${crypto.randomUUID()}${crypto.randomUUID()}\n`, { mode: 0o600 });
  const shared = { GATEWAY_SECRET_FILE: secret };
  const dataOptions: PlatformOptions = { dataDir: join(folder, 'data'), args: DATA_ROLES, env: shared };
  let data = await startPlatform(dataOptions);
  const urls = Object.fromEntries(SUBGRAPHS.map((name) => [`${name.toUpperCase()}_URL`, data.url]));
  const gateway = await startPlatform({
    dataDir: join(folder, 'gateway'),
    args: ['gateway'],
    env: { ...shared, ...urls },
  });
  return {
    ...gateway,
    get data() {
      return data;
    },
    connect: data.connect,
    mqttUrl: data.mqttUrl,
    mqttPort: data.mqttPort,
    async restartData() {
      data = await startPlatform({ ...dataOptions, env: { ...shared, PORT: new URL(data.url).port } });
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await data.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
