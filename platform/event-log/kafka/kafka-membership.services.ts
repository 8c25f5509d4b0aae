import { Admin } from '@platformatic/kafka';
import { expect, it } from 'vitest';
import { startKafka } from '../../../tools/engines/kafka.ts';
import { freePort } from '../../../tools/engines/server.ts';
import { startToxiproxy } from '../../../tools/engines/toxiproxy.ts';
import { systemClock } from '../../clock/system-clock.ts';
import { memoryLog } from '../../log/memory-log.ts';
import { clientOptions } from './connection.ts';
import { openForTest } from './fixtures/open-for-test.ts';
import { joinGroup } from './membership.ts';

const TOPIC = 'raw.measurements';
const GROUP = 'given-up';
const PATIENT_MS = 60_000;
const SLOW = { timeout: 180_000 };

it(
  'a member that its group has given up joins again by itself, though the way to the broker breaks while it commits and joins',
  SLOW,
  async () => {
    await using proxy = await startToxiproxy();
    const front = await freePort();
    await using kafka = await startKafka({ settings: { 'advertised.listeners': `CLIENTS://127.0.0.1:${front}` } });
    await proxy.relay('Kafka', { from: front, to: Number(kafka.brokers[0]?.split(':')[1]) });
    const connection = { brokers: [`127.0.0.1:${front}`] };
    await (await openForTest({ connection })).close();

    const broken = Promise.withResolvers<void>();
    const assigned: (readonly number[])[] = [];
    let harm = false;
    const leaving = new AbortController();
    const member = await joinGroup({
      ...{ connection, group: GROUP, topic: TOPIC, clock: systemClock(), log: memoryLog(), signal: leaving.signal },
      async beforeAssigned() {
        if (!harm) return;
        harm = false;
        await proxy.harm({ kind: 'closed' });
        broken.resolve();
      },
      onAssigned: (partitions) => assigned.push(partitions),
    });
    expect(assigned).toEqual([[0, 1, 2]]);

    const admin = new Admin(clientOptions(connection));
    await admin.removeMembersFromConsumerGroup({ groupId: GROUP });
    await admin.close();
    harm = true;
    await expect(member.commit(new Map([[0, 0]]))).rejects.toThrow();
    await broken.promise;
    await proxy.heal();
    await expect.poll(() => assigned.length, { timeout: PATIENT_MS }).toBe(2);
    await member.commit(new Map([[0, 0]]));
    leaving.abort();
    await member.leave();
  },
);
