/** What somebody did to the engines of a running city: wrong credentials, a bucket that is gone, a clock that is off. Each has a name, takes its own part with it and no other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CityClient, startCityClient } from '../../app/e2e/city.ts';
import { eventually } from '../../app/e2e/client.ts';
import type { Role } from '../../app/roles.ts';
import type { EngineName } from '../distributed/engines.ts';
import { type RoleProcess, untilReady } from '../distributed/role.ts';
import { deleteBucket, influx, inTheFuture, joinBehind } from './harm.ts';
import { startLedger } from './ledger.ts';

const LONG_MS = 180_000;

let client: CityClient;
beforeAll(async () => {
  // A second ingest joins for a while, and takes its share.
  client = await startCityClient({ settings: { MQTT_CONSUMERS: 'several' } });
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
});

/** The secret with another password in it. */
function wrong(secret: string): string {
  if (!URL.canParse(secret)) return 'not-the-secret';
  const url = new URL(secret);
  url.password = 'not-the-secret';
  return url.href;
}

/** Somebody came too early, or wrote the wrong thing: each has a role that waits, what that one is told wrong, and what it should say of it. */
interface Mistake {
  readonly what: string;
  readonly engine: EngineName;
  readonly role: Exclude<Role, 'gateway'>;
  /** As `/ready` names it. */
  readonly part: string;
  readonly code: string;
}

const MISTAKES: readonly Mistake[] = [
  { engine: 'Kafka', role: 'predictions', part: 'eventLog', code: 'ENGINE_REFUSED', what: 'password' },
  { engine: 'InfluxDB', role: 'measurements', part: 'timeSeries', code: 'STORE_REFUSED', what: 'token' },
  { engine: 'MongoDB', role: 'alerts', part: 'documents', code: 'STORE_REFUSED', what: 'password' },
  { engine: 'Redis', role: 'alerts', part: 'pubSub', code: 'ENGINE_REFUSED', what: 'password' },
  { engine: 'Mosquitto', role: 'ingest', part: 'mqtt', code: 'ENGINE_REFUSED', what: 'password' },
];

/** Waits until a process says at `/ready` that this part is in this state. */
async function says(process: RoleProcess, part: string, state: string): Promise<void> {
  await eventually(
    `${process.role} to say that ${part} is ${state}`,
    async () => {
      if (process.pid === undefined) throw new Error(`${process.role} has ended:\n${process.printed()}`);
      return (await process.readiness()).checks?.[part] === state || undefined;
    },
    LONG_MS / 3,
  );
}

/** Ends it; one that takes messages stays until the city ends: Mosquitto would keep its share for it. */
async function leave(process: RoleProcess): Promise<void> {
  if (process.role !== 'ingest') await process.stop();
}

describe('a process that starts with a wrong', { timeout: LONG_MS }, () => {
  it.each(MISTAKES)(
    '$what for $engine stays, says $code, disturbs nobody, and is ready once its file is right',
    async ({ engine, role, part, code }) => {
      const right = client.city.engines[engine].secrets(role);
      const secrets = Object.fromEntries(Object.entries(right).map(([name, secret]) => [name, wrong(secret)]));
      await using stack = new AsyncDisposableStack();
      const process = await client.city.enter(role, { secrets });
      stack.defer(() => leave(process));
      await says(process, part, code);
      expect((await process.readiness()).status).toBe('not ready');
      expect((await fetch(`${process.url}/live`)).status).toBe(200);
      await client.city.ready();
      for (const [name, secret] of Object.entries(right)) await process.changeSecret(name, secret);
      await untilReady(process, LONG_MS / 3);
      expect(process.printed()).toContain(code);
      expect(process.printed()).not.toContain('not-the-secret');
    },
  );

  it('organisation of InfluxDB stays, says STORE_MISSING, and ends in order when it is asked to', async () => {
    const settings = { INFLUX_ORG: 'no-such-organisation' };
    const process = await client.city.enter('measurements', { settings });
    await says(process, 'timeSeries', 'STORE_MISSING');
    expect(process.printed()).toContain('no-such-organisation');
    await process.stop();
    await client.city.ready();
  });

  it('name for the bucket makes that bucket, and its process is ready', async () => {
    await using process = await client.city.enter('measurements', { settings: { INFLUX_BUCKET: 'another' } });
    await untilReady(process, LONG_MS / 3);
    expect((await influx(client, 'buckets?name=another')).ok).toBe(true);
  });
});

describe('a process that starts before its engine', { timeout: LONG_MS }, () => {
  it.each<{ engine: EngineName; role: Exclude<Role, 'gateway'>; part: string; code: string }>([
    { engine: 'Kafka', role: 'predictions', part: 'eventLog', code: 'ENGINE_UNREACHABLE' },
    { engine: 'InfluxDB', role: 'measurements', part: 'timeSeries', code: 'UNAVAILABLE' },
    { engine: 'MongoDB', role: 'alerts', part: 'documents', code: 'UNAVAILABLE' },
    { engine: 'Redis', role: 'alerts', part: 'pubSub', code: 'ENGINE_UNREACHABLE' },
    { engine: 'Mosquitto', role: 'ingest', part: 'mqtt', code: 'ENGINE_UNREACHABLE' },
  ])('$engine says $code, and is ready once it is there', async ({ engine, role, part, code }) => {
    const server = client.city.engines[engine];
    await server.kill();
    await using stack = new AsyncDisposableStack();
    const process = await client.city.enter(role);
    stack.defer(() => leave(process));
    await says(process, part, code);
    await server.start();
    await untilReady(process, LONG_MS / 3);
    await client.city.ready();
  });
});

describe('a bucket that is deleted under a running city', { timeout: LONG_MS }, () => {
  it('is made anew by the process that writes to it, and what was acknowledged since is found, once', async () => {
    const { measurements } = client.city.roles;
    const { pid } = measurements;
    await deleteBucket(client);
    await using ledger = await startLedger(client, 'bucket');
    await eventually(
      'the bucket to be made anew',
      async () => (measurements.printed().includes('made anew') ? true : undefined),
      60_000,
    );
    await eventually('readings to be acknowledged', async () => (ledger.acknowledged() > 0 ? true : undefined));
    await ledger.settle();
    await client.city.ready();
    const account = await eventually(
      'all that was acknowledged',
      async () => {
        const now = await ledger.account();
        return now.lost === 0 ? now : undefined;
      },
      60_000,
    );
    expect(account.acknowledged).toBeGreaterThan(0);
    expect(account).toMatchObject({ lost: 0, doubled: 0, found: account.acknowledged });
    expect(measurements.pid).toBe(pid);
  });
});

describe('a clock that is two hours behind', { timeout: LONG_MS }, () => {
  it('at ingest refuses readings of now by name, keeps each, and ends nothing', async () => {
    const behind = await joinBehind(client);
    const before = await inTheFuture(client);
    await using ledger = await startLedger(client, 'clock');
    const refused = await eventually('readings that seem to come from the future', async () => {
      const now = (await inTheFuture(client)) - before;
      return now > 10 ? now : undefined;
    });
    await ledger.settle();
    expect(refused).toBeGreaterThan(10);
    await eventually(
      'every reading, in the store or among the dead letters',
      async () => {
        const { acknowledged, found } = await ledger.account();
        return found + (await inTheFuture(client)) - before === acknowledged ? true : undefined;
      },
      60_000,
    );
    expect(behind.pid).toBeGreaterThan(0);
    expect(client.city.processes.filter(({ pid }) => pid === undefined)).toEqual([]);
  });
});
