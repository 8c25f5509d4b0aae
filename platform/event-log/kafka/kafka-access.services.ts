import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kafka, startKafka } from '../../../tools/engines/kafka.ts';
import type { KafkaConnection } from './connection.ts';
import { openForTest } from './fixtures/open-for-test.ts';

const USER = { name: 'greencity', password: 'known to tests alone' };

let kafka: Kafka;
let connection: KafkaConnection;
beforeAll(async () => {
  kafka = await startKafka({ user: USER, tls: true });
  connection = {
    brokers: kafka.brokers,
    sasl: { mechanism: 'PLAIN', username: USER.name, password: USER.password },
    tls: { ca: readFileSync(kafka.certificates?.ca ?? '', 'utf8') },
  };
});
afterAll(() => kafka.stop());

const open = (changed: Partial<KafkaConnection> = {}) => openForTest({ connection: { ...connection, ...changed } });
const refused = (changed: Partial<KafkaConnection>) => open(changed).catch((cause: unknown) => cause);

describe('a Kafka with TLS and SASL', () => {
  it('takes what comes with the right authority and password, and gives it back', async () => {
    await using log = await open();
    await log.append('alerts', [{ key: 'a', value: 'by TLS' }]);
    expect((await log.read('alerts', 0, 0, 9)).map(({ value }) => value)).toEqual(['by TLS']);
  });

  it('is ENGINE_REFUSED at once with a wrong password, which is not repeated', async () => {
    const error = await refused({ sasl: { mechanism: 'PLAIN', username: USER.name, password: 'not-the-password' } });
    expect(error).toMatchObject({ code: 'ENGINE_REFUSED', subject: expect.stringContaining(`user ${USER.name}`) });
    expect(String(error)).not.toContain('not-the-password');
  });

  it('is ENGINE_REFUSED at once with a mechanism that it does not have', async () => {
    const sasl = { mechanism: 'SCRAM-SHA-512', username: USER.name, password: USER.password } as const;
    expect(await refused({ sasl })).toMatchObject({ code: 'ENGINE_REFUSED' });
  });

  it('is ENGINE_UNTRUSTED at once when its authority is not known', async () => {
    expect(await refused({ tls: {} })).toMatchObject({ code: 'ENGINE_UNTRUSTED' });
  });

  it('is ENGINE_UNREACHABLE when it hangs up on a client without TLS, as it does when it ends', async () => {
    const sasl = { mechanism: 'PLAIN', username: 'a', password: 'b' } as const;
    await expect(openForTest({ connection: { brokers: kafka.brokers, sasl } })).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
    });
  });
});
