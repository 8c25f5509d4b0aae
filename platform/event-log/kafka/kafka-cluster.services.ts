import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Kafka, startKafka } from '../../../tools/engines/kafka.ts';
import { clientOptions } from './connection.ts';
import { allValues, lost, openForTest, startLoad } from './fixtures/open-for-test.ts';

const TOPIC = 'raw.measurements';
const PATIENT_MS = 90_000;
const IMPATIENT_MS = 1_000;
const SLOW = { timeout: 240_000 };

let kafka: Kafka;
beforeAll(async () => {
  kafka = await startKafka({ brokers: 3 });
});
afterAll(async () => {
  // Without most of its cluster a broker does not end in order.
  await Promise.all(kafka.nodes.map((node) => node.kill()));
  await kafka.stop();
});

const open = (appendWithinMs: number) => openForTest({ connection: { brokers: kafka.brokers }, appendWithinMs });

/** Place in `kafka.nodes` of the broker that leads the first partition. */
async function leader(): Promise<number> {
  const admin = new Admin(clientOptions({ brokers: kafka.brokers }));
  const { topics } = await admin.metadata({ topics: [TOPIC], forceUpdate: true });
  await admin.close();
  return (topics.get(TOPIC)?.partitions[0]?.leader ?? 1) - 1;
}

it(
  'a cluster of three loses its leader and nothing that it acknowledged, doubles nothing, and acknowledges nothing with one broker left',
  SLOW,
  async () => {
    await using log = await open(PATIENT_MS);
    await using impatient = await open(IMPATIENT_MS);
    const load = startLoad(log);
    await load.more(500);
    const killed = await leader();
    await kafka.nodes[killed]?.kill();
    await load.more(500);
    await load.stop();
    const found = await allValues(log);
    expect(load.refusals).toEqual([]);
    expect(lost(load, found)).toEqual([]);
    expect(new Set(found).size).toBe(found.length);
    await kafka.nodes[(killed + 1) % 3]?.kill();
    await expect(impatient.append(TOPIC, [{ key: 'a', value: 'alone' }])).rejects.toMatchObject({
      code: 'LOG_UNWRITABLE',
    });
  },
);
