/** An MQTT 3.1.1 broker in this process: devices in, their settings out. */
import { createServer, type Server } from 'node:net';
import { AppError } from '../../errors.ts';
import type { Broker } from '../port.ts';
import { route } from './delivering.ts';
import { end, type Hub, type HubOptions, openHub } from './hub.ts';
import { endSilent, serve } from './session.ts';

const SWEEP_MS = 1_000;
const CLOSE_WITHIN_MS = 5_000;
/** After this much silence the system asks whether a peer that promised no keep-alive is still there. */
const PROBE_AFTER_MS = 60_000;

export interface EmbeddedBrokerOptions extends HubOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/**
 * Opens a broker and listens. One session for each device (its username), whatever client ids it uses; sessions and retained
 * messages live in memory and end with the process. QoS 2 is taken from clients; to them it is at most 1.
 * @throws AppError PORT_IN_USE, BAD_SETTING
 */
export async function openEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<Broker> {
  const hub = openHub(options);
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS }, (socket) => {
    if (hub.connections.size < hub.limits.clientsMax && !hub.closing) return serve(hub, socket);
    hub.counters.refusedConnection('TOO_MANY_CLIENTS');
    socket.destroy();
  });
  const port = await listen(server, options);
  const sweep = options.clock.every(SWEEP_MS, () => endSilent(hub));
  let closed: Promise<void> | undefined;
  const close = () => {
    sweep[Symbol.dispose]();
    closed ??= closeHub(hub, server);
    return closed;
  };
  return {
    port,
    trouble: undefined,
    async publish(topic, payload, { retain }) {
      const bytes = Buffer.from(payload, 'utf8');
      if (retain && !hub.retained.keep(topic, bytes)) hub.log.warn({ topic }, 'no room for another retained message');
      route(hub, hub.subscriptions.of(topic), { topic, payload: bytes, qos: 1, retain });
    },
    disconnect(deviceId) {
      // Those that are signing in count too: what let them in may have been true a moment ago.
      for (const session of hub.connections)
        if (session.deviceId === deviceId) end(hub, session, 'CREDENTIALS_CHANGED');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE';
      const subject = inUse
        ? `${port}: set MQTT_PORT to another port`
        : `MQTT_HOST ${host}, MQTT_PORT ${port}: ${cause.message}`;
      reject(new AppError(inUse ? 'PORT_IN_USE' : 'BAD_SETTING', subject, { cause }));
    });
    server.listen({ host, port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Takes nothing new, waits for what is in flight so that it is acknowledged, then hangs up. */
async function closeHub(hub: Hub, server: Server): Promise<void> {
  hub.closing = true;
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const session of hub.connections) session.socket.pause();
  if (hub.inFlight > 0) {
    const deadline = new AbortController();
    const idle = new Promise<void>((resolve) => (hub.onIdle = resolve));
    await Promise.race([idle, hub.clock.sleep(CLOSE_WITHIN_MS, deadline.signal)]);
    deadline.abort();
    // Acknowledgements are written at the end of this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (const session of hub.connections) session.socket.destroySoon();
  await stopped;
}
