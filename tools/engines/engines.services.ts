import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startInflux } from './influx.ts';
import { startKafka } from './kafka.ts';
import { startMongo } from './mongo.ts';
import { startMosquitto } from './mosquitto.ts';
import { startRedis } from './redis.ts';
import type { Server } from './server.ts';

const starts = {
  Redis: startRedis,
  Mosquitto: startMosquitto,
  Kafka: async () => (await startKafka()).nodes[0] as Server,
  MongoDB: async () => (await startMongo()).members[0] as Server,
  InfluxDB: () => startInflux(),
} as const;

describe.each(Object.entries(starts))('%s', (_name, start) => {
  let server: Server;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  it('is a process of its own that can be killed and starts again', async () => {
    const first = server.pid;
    await server.kill();
    expect(server.pid).toBeUndefined();
    await server.start();
    expect(server.pid).toBeGreaterThan(0);
    expect(server.pid).not.toBe(first);
  });
});
