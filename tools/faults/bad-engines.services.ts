/** What somebody did to the engines of a running city: wrong credentials, a bucket that is gone, a clock that is off. Each has a name, takes its own part with it and no other. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CityClient, startCityClient } from '../../app/e2e/city.ts';
import { eventually } from '../../app/e2e/client.ts';
import type { Role } from '../../app/roles.ts';
import type { EngineName } from '../distributed/engines.ts';
import { debianProgram } from '../engines/debian.ts';
import { startLedger } from './ledger.ts';

const LONG_MS = 180_000;
const BUCKET = 'greencity';

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

async function influx(path: string, method = 'GET'): Promise<Response> {
  const { InfluxDB } = client.city.engines;
  const headers = { authorization: `Token ${InfluxDB.secrets('measurements')['INFLUX_TOKEN']}` };
  return await fetch(`http://${InfluxDB.address}/api/v2/${path}`, { method, headers });
}

const works = async (query: string): Promise<boolean> => {
  const { data, errors } = await client.graphql(query);
  return errors === undefined && Object.values(data).every((value) => value !== null);
};

describe('a process whose credentials are wrong', { timeout: LONG_MS }, () => {
  it.each<{ engine: EngineName; role: Exclude<Role, 'gateway'>; code: string }>([
    { engine: 'Kafka', role: 'predictions', code: 'ENGINE_REFUSED' },
    { engine: 'InfluxDB', role: 'measurements', code: 'STORE_REFUSED' },
    { engine: 'MongoDB', role: 'alerts', code: 'STORE_REFUSED' },
    { engine: 'Redis', role: 'alerts', code: 'ENGINE_REFUSED' },
    { engine: 'Mosquitto', role: 'ingest', code: 'ENGINE_REFUSED' },
  ])(
    'for $engine does not start, says $code without the secret, and disturbs nobody',
    async ({ engine, role, code }) => {
      const right = client.city.engines[engine].secrets(role);
      const secrets = Object.fromEntries(Object.entries(right).map(([name, secret]) => [name, wrong(secret)]));
      const refusal = await client.city.join(role, { secrets }).then(
        () => 'it started',
        (error: unknown) => String(error),
      );
      expect(refusal).toContain(code);
      expect(refusal).not.toContain('not-the-secret');
      expect(client.city.processes.filter(({ pid }) => pid === undefined)).toEqual([]);
      await client.city.ready();
    },
  );
});

describe('a bucket that is deleted under a running city', { timeout: LONG_MS }, () => {
  it('is named, leaves everything else as it is, and what was acknowledged meanwhile is found after the next start', async () => {
    const { measurements } = client.city.roles;
    const { pid } = measurements;
    const { buckets } = (await (await influx(`buckets?name=${BUCKET}`)).json()) as {
      readonly buckets: { readonly id: string }[];
    };
    expect((await influx(`buckets/${buckets[0]?.id}`, 'DELETE')).ok).toBe(true);
    await using ledger = await startLedger(client, 'bucket');
    await eventually('measurements to be not ready', async () =>
      (await measurements.readiness()).checks?.['timeSeries'] === 'not ready' ? true : undefined,
    );
    await eventually(
      'the reason in the log',
      async () => (measurements.printed().includes('STORE_MISSING') ? true : undefined),
      60_000,
    );
    expect(measurements.pid).toBe(pid);
    expect(await works('{ devices(first: 3) { nodes { id } } zones { id } alerts(first: 1) { totalCount } }')).toBe(
      true,
    );
    await eventually('readings to be acknowledged', async () => (ledger.acknowledged() > 0 ? true : undefined));
    await ledger.settle();
    await measurements.kill();
    await measurements.start();
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
  });
});

describe('a clock that is two hours behind', { timeout: LONG_MS }, () => {
  it('at ingest refuses readings of now by name, keeps each, and ends nothing', async () => {
    const library = (await debianProgram('faketime', ['libfaketime'])).library('faketime/libfaketimeMT.so.1');
    const settings = { LD_PRELOAD: library, FAKETIME: '-2h', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    const behind = await client.city.join('ingest', { settings });
    const before = await letters();
    await using ledger = await startLedger(client, 'clock');
    const refused = await eventually('readings that seem to come from the future', async () => {
      const now = (await letters()) - before;
      return now > 10 ? now : undefined;
    });
    await ledger.settle();
    expect(refused).toBeGreaterThan(10);
    await eventually(
      'every reading, in the store or among the dead letters',
      async () => {
        const { acknowledged, found } = await ledger.account();
        return found + (await letters()) - before === acknowledged ? true : undefined;
      },
      60_000,
    );
    expect(behind.pid).toBeGreaterThan(0);
    expect(client.city.processes.filter(({ pid }) => pid === undefined)).toEqual([]);
  });
});

async function letters(): Promise<number> {
  const { data } = await client.graphql('{ deadLetters(first: 1000, reason: "IN_THE_FUTURE") { deviceId } }');
  return data.deadLetters.length;
}
