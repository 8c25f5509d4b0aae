/** Commands to Mosquitto's dynamic-security plugin, over its control topic. */
import { randomBytes } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import { AppError } from '../../errors.ts';
import type { Logger } from '../../log/port.ts';
import { openLink } from './connection.ts';
import { brokerError, brokerName, type MosquittoConnection } from './standing.ts';

const CONTROL = '$CONTROL/dynamic-security/v1';
const RESPONSE = `${CONTROL}/response`;
const ANSWER_WITHIN_MS = 3_000;
/** A plugin that does not answer is asked again, over a new connection. */
const AGAIN_MS = 15_000;

type Command = Readonly<Record<string, unknown>> & { readonly command: string };

interface Answer {
  readonly command: string;
  readonly correlationData?: string;
  readonly error?: string;
  readonly data?: unknown;
}

export interface Control extends AsyncDisposable {
  readonly trouble: AppError | undefined;
  /** Resolves with the first connection on which commands are answered. @throws AppError ENGINE_REFUSED, ENGINE_UNTRUSTED */
  connected(): Promise<void>;
  /** Runs a command and resolves to what it gives. @throws AppError ENGINE_UNREACHABLE, ENGINE_REFUSED, ENGINE_UNTRUSTED */
  tell<Data>(command: Command): Promise<Data>;
  /** Runs a command; resolves to false where it was so already, which its error says by these words. @throws AppError as `tell` */
  settle(command: Command, already: RegExp): Promise<boolean>;
}

interface ControlOptions {
  readonly connection: MosquittoConnection;
  readonly clientId: string;
  readonly log: Logger;
  /** Called at each connection, once commands can be answered. */
  readonly onConnected: () => void;
}

/** Takes charge of the rights on a broker; connects in the background. */
export function openControl({ connection, clientId, log, onConnected }: ControlOptions): Control {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  let listening = false;
  const link = openLink({ connection, log, clientId });
  const { client, standing } = link;
  const ask = questions(client, connection);
  standing.connected().catch((error: unknown) => ready.reject(error));
  client.on('close', () => {
    listening = false;
  });
  client.on('connect', async () => {
    try {
      await client.subscribeAsync(RESPONSE, { qos: 1 });
      await ask({ command: 'getDefaultACLAccess' });
      listening = true;
      ready.resolve();
      onConnected();
    } catch (cause) {
      if (!client.connected) return;
      const subject = `${brokerName(connection)}: its dynamic-security plugin does not answer; it is missing, or this user may not use it`;
      const refused = new AppError('ENGINE_REFUSED', subject, { cause });
      standing.fails(refused);
      ready.reject(refused);
      setTimeout(() => client.stream.destroy(), AGAIN_MS).unref();
    }
  });
  const trouble = () =>
    standing.trouble ?? (listening ? undefined : brokerError(connection, new Error('not connected yet')));
  async function run(command: Command): Promise<Answer> {
    const hindered = trouble();
    if (hindered) throw hindered;
    return await ask(command);
  }
  const failed = ({ command, error }: Answer) =>
    new AppError('ENGINE_REFUSED', `${brokerName(connection)}: ${command}: ${error}`);
  return {
    get trouble() {
      return trouble();
    },
    connected: () => ready.promise,
    async tell<Data>(command: Command) {
      const answer = await run(command);
      if (answer.error !== undefined) throw failed(answer);
      return answer.data as Data;
    },
    async settle(command, already) {
      const answer = await run(command);
      if (answer.error === undefined) return true;
      if (already.test(answer.error)) return false;
      throw failed(answer);
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

/** Sends commands and finds their answers, each by a mark of its own: others may send commands as well. */
function questions(client: MqttClient, connection: MosquittoConnection): (command: Command) => Promise<Answer> {
  const waiting = new Map<string, PromiseWithResolvers<Answer>>();
  const prefix = randomBytes(6).toString('hex');
  let sent = 0;
  client.on('message', (topic, payload) => {
    if (topic !== RESPONSE) return;
    for (const answer of answersIn(payload)) {
      waiting.get(answer.correlationData ?? '')?.resolve(answer);
      waiting.delete(answer.correlationData ?? '');
    }
  });
  client.on('close', () => {
    for (const { reject } of waiting.values()) reject(brokerError(connection, new Error('the connection was closed')));
    waiting.clear();
  });
  return async (command) => {
    sent += 1;
    const correlationData = `${prefix}-${sent}`;
    const answer = Promise.withResolvers<Answer>();
    waiting.set(correlationData, answer);
    const late = setTimeout(() => {
      waiting.delete(correlationData);
      answer.reject(brokerError(connection, new Error(`${command.command} is not answered`)));
    }, ANSWER_WITHIN_MS);
    // At once or not at all: a command that comes late would undo a newer one.
    client.publish(CONTROL, JSON.stringify({ commands: [{ ...command, correlationData }] }), { qos: 0 });
    return await answer.promise.finally(() => clearTimeout(late));
  };
}

function answersIn(payload: Buffer): readonly Answer[] {
  try {
    return (JSON.parse(payload.toString('utf8')) as { readonly responses?: readonly Answer[] }).responses ?? [];
  } catch {
    return [];
  }
}
