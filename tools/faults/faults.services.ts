/** Some of the faults of `npm run faults`, for seconds: enough to know that the promises hold. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CityClient, startCityClient } from '../../app/e2e/city.ts';
import { type Outcome, suffer } from './fault.ts';
import { KILLS } from './faults.ts';

const BROKEN_MS = 8_000;
const FAULT_WITHIN_MS = 180_000;

let client: CityClient;
beforeAll(async () => {
  client = await startCityClient();
});
afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
});

async function killed(name: string): Promise<Outcome> {
  const fault = KILLS.find((one) => one.name === name);
  if (!fault) throw new Error(`there is no fault ${name}`);
  return await suffer(client, fault, BROKEN_MS);
}

/** Questions that were answered each time. */
const worked = ({ answered }: Outcome): readonly string[] =>
  [...answered].filter(([, { asked, worked: times }]) => asked === times).map(([question]) => question);

describe.each([
  { name: 'measurements', works: ['devices', 'zones', 'alerts'], says: ['measurements', 'silent'] },
  { name: 'Kafka', works: ['devices', 'zones', 'latest', 'history', 'alerts'], says: ['ingest', 'eventLog'] },
  { name: 'InfluxDB', works: ['devices', 'zones', 'latest', 'alerts'], says: ['measurements', 'timeSeries'] },
])('a city without $name', ({ name, works, says: [role = '', words = ''] }) => {
  it('loses and doubles nothing that was acknowledged, says what it lacks, answers the rest and recovers by itself', {
    timeout: FAULT_WITHIN_MS,
  }, async () => {
    const outcome = await killed(name);
    expect(outcome.ended).toEqual([]);
    expect(outcome).toMatchObject({ lost: 0, doubled: 0 });
    expect(outcome.acknowledged).toBeGreaterThan(0);
    expect(worked(outcome)).toEqual(expect.arrayContaining(works));
    expect([...(outcome.said.get(role) ?? [])].join('; ')).toContain(words);
  });
});
