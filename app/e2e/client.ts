/** A client of a running platform: asks its graph as an administrator, registers devices and connects as one. */
import mqtt, { type MqttClient } from 'mqtt';
import { SIGN_IN } from '../../tools/operator/api.ts';

const POLL_MS = 50;

export interface GraphqlAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is the operation's, which each test knows.
  readonly data: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

export interface DeviceCredentials {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

export interface ClientOptions {
  readonly url: string;
  readonly mqttUrl: string;
  readonly admin: { readonly email: string; readonly password: string };
}

export interface Client extends ClientOptions {
  graphql(
    query: string,
    variables?: Record<string, unknown>,
    options?: { readonly token?: string | null },
  ): Promise<GraphqlAnswer>;
  /** A bearer token of an administrator. */
  token(): Promise<string>;
  /** Registers a device and gives its MQTT credentials. */
  register(input: Record<string, unknown>): Promise<DeviceCredentials>;
  connect(credentials: { readonly username: string; readonly password: string }): Promise<MqttClient>;
}

const REGISTER =
  'mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { device { id } credentials { username password } } }';

/** Waits until `probe` gives something; fails after `withinMs` with what was waited for. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>, withinMs = 20_000): Promise<T> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`waited ${withinMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A client of the platform at an address. It signs in when it first needs to. */
export function clientOf({ url, mqttUrl, admin }: ClientOptions): Client {
  let signedIn: Promise<string> | undefined;
  async function post(
    query: string,
    variables: Record<string, unknown>,
    token: string | undefined,
  ): Promise<GraphqlAnswer> {
    const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
    if (token) headers['authorization'] = `Bearer ${token}`;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as GraphqlAnswer;
  }
  const signIn = async (): Promise<string> => {
    const answer = await post(SIGN_IN, admin, undefined);
    if (answer.errors) throw new Error(`signIn failed: ${JSON.stringify(answer.errors)}`);
    return answer.data.signIn.accessToken as string;
  };
  /** Signs in once, however many ask at the same time: sign-ins are limited in number. */
  const token = (): Promise<string> => {
    signedIn ??= signIn();
    return signedIn;
  };
  return {
    ...{ url, mqttUrl, admin, token },
    graphql: async (query, variables = {}, options = {}) =>
      await post(query, variables, options.token === null ? undefined : (options.token ?? (await token()))),
    async register(input) {
      const answer = await post(REGISTER, { input }, await token());
      if (answer.errors) throw new Error(`registerDevice failed: ${JSON.stringify(answer.errors)}`);
      return { id: answer.data.registerDevice.device.id, ...answer.data.registerDevice.credentials };
    },
    connect: (credentials) =>
      mqtt.connectAsync(mqttUrl, { ...credentials, clientId: credentials.username, reconnectPeriod: 0 }, false),
  };
}
