/**
 * Has InfluxDB begin a new write-ahead log after it may have been started again.
 *
 * At a start InfluxDB 2.7 opens its log for writing, and then cuts a torn end off, which a full disk or a power cut leaves: it goes on behind where that
 * was, and its next start does not find what lies behind the gap. A backup of a shard brings what its log holds to its tables and begins a new one.
 */
import { BucketsAPI } from '@influxdata/influxdb-client-apis';
import type { Logger } from '../../log/port.ts';
import type { InfluxConnection } from './connection.ts';

/** A backup gives files that changed since: none. What counts is what it does before. */
const NOTHING_SINCE = '2200-01-01T00:00:00Z';
const LOG_SIZE = /^storage_wal_size\{.*\} (.+)$/;

export interface FreshLog {
  /** The server failed, or was away: it may have been started again since. */
  doubt(): void;
  /** Begins a new log where that is in doubt. Never rejects: what cannot be done now is tried again at the next call. */
  ensure(): Promise<void>;
}

export interface FreshLogOptions {
  readonly connection: InfluxConnection;
  readonly bucket: string;
  readonly log: Logger;
}

/** In doubt from the beginning: the server may have been started before us. */
export function openFreshLog({ connection, bucket, log }: FreshLogOptions): FreshLog {
  let inDoubt = true;
  let told = false;
  return {
    doubt() {
      inDoubt = true;
    },
    async ensure() {
      if (!inDoubt) return;
      try {
        for (const shard of await shardsWithLog(connection, bucket)) await connection.backup(shard, NOTHING_SINCE);
        inDoubt = false;
        told = false;
      } catch (error) {
        if (!told) log.warn({ error }, 'InfluxDB could not be made to begin a new log after a start or a failure');
        told = true;
      }
    },
  };
}

/** Shards of the bucket whose log is not empty. */
async function shardsWithLog(connection: InfluxConnection, bucket: string): Promise<readonly string[]> {
  const { client, org, run } = connection;
  const found = await run(() => new BucketsAPI(client).getBuckets({ org, name: bucket }));
  const id = found.buckets?.[0]?.id;
  const lines = (await connection.metrics()).split('\n');
  return lines.flatMap((line) => {
    const [, size] = LOG_SIZE.exec(line) ?? [];
    const [, shard] = /[{,]id="(\d+)"/.exec(line) ?? [];
    return Number(size) > 0 && line.includes(`bucket="${id}"`) && shard !== undefined ? [shard] : [];
  });
}
