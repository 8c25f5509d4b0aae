import { expect, it } from 'vitest';
import { startKafka } from '../../../tools/engines/kafka.ts';
import { freePort } from '../../../tools/engines/server.ts';
import { startToxiproxy } from '../../../tools/engines/toxiproxy.ts';
import { openForTest } from './fixtures/open-for-test.ts';

const USER = { name: 'greencity', password: 'known to tests alone' };
const IMPATIENT_MS = 500;
const PATIENT_MS = 60_000;
/** After so many, connections have broken at every step of signing in. */
const REFUSALS = 8;
const SLOW = { timeout: 180_000 };

it(
  'connections that break while they sign in fail what waits for them and end no process; later everything goes on',
  SLOW,
  async () => {
    await using proxy = await startToxiproxy();
    const front = await freePort();
    const settings = { 'advertised.listeners': `CLIENTS://127.0.0.1:${front}` };
    await using kafka = await startKafka({ user: USER, settings });
    await proxy.relay('Kafka', { from: front, to: Number(kafka.brokers[0]?.split(':')[1]) });
    const sasl = { mechanism: 'PLAIN', username: USER.name, password: USER.password } as const;
    const connection = { brokers: [`127.0.0.1:${front}`], sasl };
    await using log = await openForTest({ connection, appendWithinMs: IMPATIENT_MS });
    const append = (value: string) => log.append('alerts', [{ key: 'a', value }]);
    await append('before');
    for (let refusals = 0; refusals < REFUSALS; refusals += 1) {
      await proxy.heal();
      await proxy.harm({ kind: 'reset', afterMs: 2 + refusals });
      await append('meanwhile').catch(() => undefined);
    }
    await proxy.heal();
    await expect.poll(() => append('after').catch(() => undefined), { timeout: PATIENT_MS }).toBeTypeOf('number');
    const values = (await log.read('alerts', 0, 0, 99)).map(({ value }) => value);
    expect([values[0], values.at(-1)]).toEqual(['before', 'after']);
  },
);
