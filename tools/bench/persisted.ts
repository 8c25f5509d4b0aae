/**
 * GET of a registered query by its id, the same one again and again, as partners and caches in between send it: answers per second of the platform's CPU.
 * The platform runs in a process of its own, its CPU read from the kernel; the load comes from here, over connections that stay open.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { eventually } from '@greencity/app/e2e/client';
import { startPlatform } from '@greencity/app/e2e/platform';
import { operationId } from '@greencity/gateway/operations/release';
import { cpuMicroseconds } from './process-usage.ts';

const CONNECTIONS = 20;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 8_000;
const SECOND_US = 1_000_000;
const NODES = 50;
const CITY = { DEMO: 'on', DEMO_NODES: String(NODES), DEMO_HISTORY_HOURS: '3', LOG_LEVEL: 'error' };
const ZONES = readFileSync(new URL('../../schema/operations/contract/1/zones.graphql', import.meta.url), 'utf8');
const DEVICES = readFileSync(new URL('../../schema/operations/contract/1/devices.graphql', import.meta.url), 'utf8');

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One connection that asks again as soon as it has been answered. */
function asking(port: number, request: string, answered: (status: string) => void): Socket {
  const socket = connect(port, '127.0.0.1', () => socket.write(request));
  let waiting = '';
  let missing = 0;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    if (missing === 0) {
      waiting += chunk;
      const head = waiting.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = /content-length: (\d+)/i.exec(waiting.slice(0, head))?.[1] ?? '0';
      missing = Number(length) - (waiting.length - head - 4);
    } else missing -= chunk.length;
    if (missing > 0) return;
    answered(waiting.slice(9, 12));
    waiting = '';
    missing = 0;
    socket.write(request);
  });
  socket.on('error', () => answered('gone'));
  return socket;
}

/** Answers to queries so far that were executed. */
async function executed(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^gateway_answers_total\{how="asked"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

interface Load {
  readonly pid: number;
  readonly port: number;
  readonly path: string;
  readonly headers?: string;
}

async function measure({ pid, port, path, headers = '' }: Load): Promise<object> {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`;
  const statuses: Record<string, number> = {};
  let counting = false;
  const sockets = Array.from({ length: CONNECTIONS }, () =>
    asking(port, request, (status) => {
      if (counting) statuses[status] = (statuses[status] ?? 0) + 1;
    }),
  );
  await pause(WARM_UP_MS);
  const executedBefore = await executed(port);
  const cpuBefore = cpuMicroseconds(pid);
  const startMs = performance.now();
  counting = true;
  await pause(MEASURE_MS);
  counting = false;
  const seconds = (performance.now() - startMs) / 1_000;
  const cpuUs = cpuMicroseconds(pid) - cpuBefore;
  for (const socket of sockets) socket.destroy();
  const made = (await executed(port)) - executedBefore;
  const answers = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return {
    statuses,
    made,
    answersPerSecond: Math.round(answers / seconds),
    cpuMicrosecondsPerAnswer: Math.round((cpuUs / answers) * 10) / 10,
    answersPerCpuSecond: Math.round((answers * SECOND_US) / cpuUs),
  };
}

/**
 * Figures of a small answer, of one with 50 devices, of the same when the client holds it already, and of REST for anybody and for somebody who signed in. CPU is of all threads of the platform,
 * whose city goes on meanwhile: `made` are the answers that were executed in that time, since something of them had changed or they were 5 s old; all others were kept.
 */
export async function benchPersisted(): Promise<object> {
  await using platform = await startPlatform({ env: CITY });
  const { pid, url } = platform;
  const port = Number(new URL(url).port);
  const devices = `/graphql/${operationId(DEVICES)}?variables=${encodeURIComponent('{"first":50}')}`;
  await eventually('the city to be there', async () => {
    const { data } = await platform.graphql('{ devices { totalCount } }');
    return data.devices.totalCount === NODES || undefined;
  });
  const response = await fetch(url + devices);
  const etag = response.headers.get('etag') ?? '';
  const bytes = (await response.text()).length;
  return {
    zones: await measure({ pid, port, path: `/graphql/${operationId(ZONES)}` }),
    devices: { bytes, ...(await measure({ pid, port, path: devices })) },
    devicesUnchanged: await measure({ pid, port, path: devices, headers: `If-None-Match: ${etag}\r\n` }),
    restDevices: await measure({ pid, port, path: '/api/v1/devices?first=50' }),
    restDevicesSignedIn: await measure({
      ...{ pid, port, path: '/api/v1/devices?first=50' },
      headers: `Authorization: Bearer ${await platform.token()}\r\n`,
    }),
  };
}
