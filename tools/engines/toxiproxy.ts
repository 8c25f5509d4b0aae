/** Toxiproxy: stands between a program and an engine, and makes the way there a bad one. Built with Go from its module, whose sum Go's checksum database holds. */
import { join } from 'node:path';
import { cached } from './cache.ts';
import { runProgram } from './program.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const STREAMS = ['upstream', 'downstream'] as const;
const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0';

/** What can be wrong with a way, there and back. */
export type Trouble =
  /** Everything takes longer; by how much differs, up and down. */
  | { readonly kind: 'slow'; readonly latencyMs: number; readonly jitterMs: number }
  | { readonly kind: 'narrow'; readonly kilobytesPerSecond: number }
  /** Connections, new ones too, are reset a while after they were made. */
  | { readonly kind: 'reset'; readonly afterMs: number }
  /** Connections stay open, new ones are taken, and nothing comes through. */
  | { readonly kind: 'silent' }
  /** Connections are hung up, and new ones are refused. */
  | { readonly kind: 'closed' };

export interface Toxiproxy extends Server {
  /** Carries what goes to one port of 127.0.0.1 to another. */
  relay(name: string, ports: { readonly from: number; readonly to: number }): Promise<void>;
  /** Brings the relays named into trouble; all, where none is named. */
  harm(trouble: Trouble, names?: readonly string[]): Promise<void>;
  /** Ends all trouble. */
  heal(): Promise<void>;
}

/** Starts it without any relay. */
export async function startToxiproxy(): Promise<Toxiproxy> {
  const version = MODULE.split('@')[1] ?? '';
  const built = await cached(`toxiproxy-${version}`, async (target) => {
    await runProgram('go', ['install', MODULE], { env: { GOBIN: target } });
  });
  const [port, folder] = [await freePort(), await serverFolder('toxiproxy')];
  const args = ['-host', '127.0.0.1', '-port', String(port)];
  const server = await startServer({ name: 'Toxiproxy', command: join(built, 'server'), args, folder, port });
  const ask = async (method: string, path: string, body?: object): Promise<void> => {
    const text = body && JSON.stringify(body);
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(text !== undefined && { body: text }),
    });
    if (!response.ok) throw new Error(`Toxiproxy answered ${response.status}: ${await response.text()}`);
  };
  const names: string[] = [];
  return Object.assign(server, {
    async relay(name: string, { from, to }: { readonly from: number; readonly to: number }) {
      await ask('POST', '/proxies', { name, listen: `127.0.0.1:${from}`, upstream: `127.0.0.1:${to}` });
      names.push(name);
    },
    async harm(trouble: Trouble, harmed: readonly string[] = names) {
      for (const name of harmed) {
        if (trouble.kind === 'closed') await ask('POST', `/proxies/${name}`, { enabled: false });
        else for (const stream of STREAMS) await ask('POST', `/proxies/${name}/toxics`, toxic(trouble, stream));
      }
    },
    heal: () => ask('POST', '/reset'),
  });
}

/** The trouble in Toxiproxy's words. */
function toxic(trouble: Exclude<Trouble, { readonly kind: 'closed' }>, stream: (typeof STREAMS)[number]): object {
  const named = (type: string, attributes: object) => ({ name: stream, type, stream, attributes });
  switch (trouble.kind) {
    case 'slow':
      return named('latency', { latency: trouble.latencyMs, jitter: trouble.jitterMs });
    case 'narrow':
      return named('bandwidth', { rate: trouble.kilobytesPerSecond });
    case 'reset':
      return named('reset_peer', { timeout: trouble.afterMs });
    case 'silent':
      return named('timeout', { timeout: 0 });
  }
}
