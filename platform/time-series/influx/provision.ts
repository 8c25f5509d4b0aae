/** Makes in InfluxDB what the store needs: two buckets with their retention, and the task that downsamples. All of it may be there already. */

import { DAY_MS } from '@greencity/air/time';
import { type Bucket, BucketsAPI, OrgsAPI, type Task, TasksAPI } from '@influxdata/influxdb-client-apis';
import { AppError } from '../../errors.ts';
import type { TimeSeriesRetention } from '../port.ts';
import type { InfluxConnection } from './connection.ts';
import { downsample } from './flux.ts';
import { type Buckets, LAYOUT_VERSION, SEAL_MARGIN_MS, serverRetention } from './layout.ts';

const UNPROCESSABLE = 422;
const TASK_VERSION = 1;

/** How the server keeps points: for as long as our retention says, or, for tests of times long past, for ever. */
export type ServerRetention = 'as-configured' | 'for-ever';

export interface Provision {
  readonly buckets: Buckets;
  readonly retention: TimeSeriesRetention;
  readonly onServer: ServerRetention;
}

/** Resolves to the buckets that were missing, and have been made. @throws AppError STORE_REFUSED, STORE_MISSING when there is no such organisation, STORE_NEWER, UNAVAILABLE */
export async function provision(
  connection: InfluxConnection,
  { buckets, retention, onServer }: Provision,
): Promise<readonly string[]> {
  const orgID = await organisation(connection);
  const seconds = onServer === 'for-ever' ? { raw: 0, rollups: 0 } : serverRetention(retention);
  const about = (what: string) => `${what}; GreenCity layout ${LAYOUT_VERSION}`;
  const wanted = [
    { orgID, name: buckets.raw, description: about('Readings'), seconds: seconds.raw },
    { orgID, name: buckets.rollups, description: about('Hours and days'), seconds: seconds.rollups },
  ];
  const made: string[] = [];
  for (const bucket of wanted) if (await ensureBucket(connection, bucket)) made.push(bucket.name);
  await ensureTask(connection, orgID, { name: `${buckets.raw} downsampling`, flux: taskFlux(buckets, retention) });
  return made;
}

/** @throws AppError STORE_MISSING when a bucket is not there any more, STORE_REFUSED, UNAVAILABLE */
export async function checkBuckets({ client, org, run, address }: InfluxConnection, buckets: Buckets): Promise<void> {
  for (const name of [buckets.raw, buckets.rollups]) {
    const found = await run(() => new BucketsAPI(client).getBuckets({ org, name }));
    if (!found.buckets?.length) throw new AppError('STORE_MISSING', `${address}: the bucket ${name} is gone`);
  }
}

async function organisation({ client, org, run, address }: InfluxConnection): Promise<string> {
  const found = await run(() => new OrgsAPI(client).getOrgs({ org }));
  const id = found.orgs?.[0]?.id;
  if (id === undefined) throw new AppError('STORE_MISSING', `${address}: there is none, or the token may not see it`);
  return id;
}

interface WantedBucket {
  readonly orgID: string;
  readonly name: string;
  readonly description: string;
  readonly seconds: number;
}

async function findBucket(
  { client, run }: InfluxConnection,
  { orgID, name }: WantedBucket,
): Promise<Bucket | undefined> {
  // A name that there is not is answered with 404 by some versions and with an empty list by others.
  const found = await run(() => new BucketsAPI(client).getBuckets({ orgID, name })).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'STORE_MISSING') return undefined;
    throw error;
  });
  return found?.buckets?.[0];
}

/** True when it was made. */
async function ensureBucket(connection: InfluxConnection, wanted: WantedBucket): Promise<boolean> {
  const { orgID, name, description, seconds } = wanted;
  const api = new BucketsAPI(connection.client);
  const retentionRules = seconds > 0 ? [{ type: 'expire' as const, everySeconds: seconds }] : [];
  let found = await findBucket(connection, wanted);
  if (!found) {
    try {
      await connection.run(() => api.postBuckets({ body: { orgID, name, description, retentionRules } }));
      return true;
    } catch (error) {
      // Another process that starts beside us has made it.
      if (!isTaken(error)) throw error;
      found = await findBucket(connection, wanted);
      if (!found) throw error;
    }
  }
  const version = Number(/layout (\d+)/.exec(found.description ?? '')?.[1] ?? LAYOUT_VERSION);
  if (version > LAYOUT_VERSION) {
    throw new AppError('STORE_NEWER', `bucket ${name} has layout ${version}, this version knows ${LAYOUT_VERSION}`);
  }
  const kept = found.retentionRules[0]?.everySeconds ?? 0;
  if (kept === seconds && found.description === description) return false;
  const bucketID = found.id as string;
  const body = {
    description,
    retentionRules: seconds > 0 ? retentionRules : [{ type: 'expire' as const, everySeconds: 0 }],
  };
  await connection.run(() => api.patchBucketsID({ bucketID, body }));
  return false;
}

function isTaken(error: unknown): boolean {
  const cause = (error as { readonly cause?: { readonly statusCode?: number } }).cause;
  return (cause ?? (error as { readonly statusCode?: number })).statusCode === UNPROCESSABLE;
}

/** The task: each day it rolls up the days that have left the raw retention since it last ran, and the one before once more. */
export function taskFlux(buckets: Buckets, { rawMs }: TimeSeriesRetention): string {
  const age = `${rawMs + SEAL_MARGIN_MS}ms`;
  return `// GreenCity downsampling, version ${TASK_VERSION}. Made by the platform at its start: changes are lost.
import "date"
import "influxdata/influxdb/tasks"

option task = {name: ${JSON.stringify(`${buckets.raw} downsampling`)}, every: 1d, offset: 30m}

day = (t) => date.truncate(t: date.sub(d: ${age}, from: t), unit: 1d)
until = day(t: now())
since = date.sub(d: ${DAY_MS}ms, from: day(t: tasks.lastSuccess(orTime: date.sub(d: 3d, from: now()))))

${downsample(buckets, '|> range(start: since, stop: until)').join('\n')}
`;
}

interface WantedTask {
  readonly name: string;
  readonly flux: string;
}

const versionOf = (flux: string) => Number(/downsampling, version (\d+)/.exec(flux)?.[1] ?? 0);

async function ensureTask({ client, run }: InfluxConnection, orgID: string, { name, flux }: WantedTask): Promise<void> {
  const api = new TasksAPI(client);
  const list = await run(() => api.getTasks({ orgID, name }));
  const found = (list.tasks ?? []) as readonly Task[];
  const [oldest, ...others] = [...found].sort((a, b) => (a.id < b.id ? -1 : 1));
  // Two processes that start at once may both have made it.
  for (const { id } of others) await run(() => api.deleteTasksID({ taskID: id }));
  if (!oldest) {
    await run(() => api.postTasks({ body: { orgID, flux } }));
    return;
  }
  const version = versionOf(oldest.flux);
  if (version > TASK_VERSION) {
    throw new AppError('STORE_NEWER', `task ${name} has version ${version}, this version knows ${TASK_VERSION}`);
  }
  if (oldest.flux !== flux) await run(() => api.patchTasksID({ taskID: oldest.id, body: { flux, status: 'active' } }));
}
