/** Credentials and rights in Mosquitto's dynamic-security plugin, over its control topic. */
import type { MqttClient } from 'mqtt';
import { AppError } from '../../errors.ts';

const CONTROL = '$CONTROL/dynamic-security/v1';
const ANSWER_WITHIN_MS = 5_000;
const ROOT = 'greencity/v1';
/** By itself, the user that may change rights may do nothing else. */
const PLATFORM_ROLE = 'greencity-platform';

type Command = Readonly<Record<string, unknown>> & { readonly command: string };

interface Answer {
  readonly command: string;
  readonly error?: string;
  readonly data?: { readonly client: { readonly roles: readonly { readonly rolename: string }[] } };
}

/** Who may connect, and to which topics. */
export interface DeviceAccess {
  /** Lets a device in with this secret, below its own id only; a secret it had before is no longer valid. */
  allow(deviceId: string, secret: string): Promise<void>;
  /** Ends its session and lets it in no more. */
  revoke(deviceId: string): Promise<void>;
  /** Ends its session; it may connect again. */
  kick(deviceId: string): Promise<void>;
}

const rights = (topic: string) =>
  ['publishClientSend', 'publishClientReceive', 'subscribePattern'].map((acltype) => ({ acltype, topic, allow: true }));
const roleOf = (deviceId: string) => `device-${deviceId}`;

/** Takes charge of the rights on a broker. @param username the user that the client signed in as, who may change them */
export async function openDeviceAccess(client: MqttClient, username: string): Promise<DeviceAccess> {
  const waiting: ((answers: readonly Answer[]) => void)[] = [];
  client.on('message', (topic, payload) => {
    if (topic !== `${CONTROL}/response`) return;
    const { responses } = JSON.parse(payload.toString('utf8')) as { readonly responses: readonly Answer[] };
    waiting.shift()?.(responses);
  });
  await client.subscribeAsync(`${CONTROL}/response`, { qos: 1 });
  let last: Promise<unknown> = Promise.resolve();

  /** One set of commands at a time: answers carry no number. `known` errors mean that it is so already. */
  function tell(commands: readonly Command[], known: RegExp): Promise<void> {
    const told = last.then(async () => {
      const failed = (await answersTo(client, waiting, commands)).find(({ error }) => error && !known.test(error));
      if (failed) throw new AppError('UNAVAILABLE', `Mosquitto, ${failed.command}: ${failed.error}`);
    });
    last = told.catch(() => undefined);
    return told;
  }
  const there = /already/i;
  const away = /not found/i;
  await tell([{ command: 'createRole', rolename: PLATFORM_ROLE, acls: rights('greencity/#') }], there);
  const [own] = await answersTo(client, waiting, [{ command: 'getClient', username }]);
  const has = own?.data?.client.roles.some(({ rolename }) => rolename === PLATFORM_ROLE);
  if (!has) await takeRole(client, username);
  return {
    async allow(deviceId, secret) {
      await tell([{ command: 'createRole', rolename: roleOf(deviceId), acls: rights(`${ROOT}/${deviceId}/#`) }], there);
      const roles = [{ rolename: roleOf(deviceId) }];
      await tell([{ command: 'createClient', username: deviceId, password: secret, roles }], there);
      await tell([{ command: 'setClientPassword', username: deviceId, password: secret }], /^$/);
    },
    async revoke(deviceId) {
      await tell([{ command: 'deleteClient', username: deviceId }], away);
      await tell([{ command: 'deleteRole', rolename: roleOf(deviceId) }], away);
    },
    async kick(deviceId) {
      await tell([{ command: 'disableClient', username: deviceId }], away);
      await tell([{ command: 'enableClient', username: deviceId }], away);
    },
  };
}

/** Gives our own user its role. Mosquitto ends the session of whoever's roles change, and does not answer: we are connected again when it is done. */
async function takeRole(client: MqttClient, username: string): Promise<void> {
  const again = Promise.withResolvers<void>();
  client.once('connect', () => again.resolve());
  const late = setTimeout(
    () => again.reject(new AppError('ENGINE_UNREACHABLE', 'Mosquitto, addClientRole')),
    ANSWER_WITHIN_MS,
  );
  const commands = [{ command: 'addClientRole', username, rolename: PLATFORM_ROLE }];
  client.publish(CONTROL, JSON.stringify({ commands }), { qos: 0 });
  await again.promise.finally(() => clearTimeout(late));
  await client.subscribeAsync(`${CONTROL}/response`, { qos: 1 });
}

async function answersTo(
  client: MqttClient,
  waiting: ((answers: readonly Answer[]) => void)[],
  commands: readonly Command[],
): Promise<readonly Answer[]> {
  const answered = Promise.withResolvers<readonly Answer[]>();
  waiting.push(answered.resolve);
  const late = setTimeout(() => {
    waiting.splice(waiting.indexOf(answered.resolve), 1);
    answered.reject(new AppError('ENGINE_UNREACHABLE', 'Mosquitto does not answer on its control topic'));
  }, ANSWER_WITHIN_MS);
  try {
    client.publish(CONTROL, JSON.stringify({ commands }), { qos: 1 });
    return await answered.promise;
  } finally {
    clearTimeout(late);
  }
}
