/** Toxiproxy: stands between a program and an engine, and makes the way there slow. Built with Go from its module, whose sum Go's checksum database holds. */
import { join } from 'node:path';
import { cached } from './cache.ts';
import { runProgram } from './program.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0';

export interface Latency {
  readonly latencyMs: number;
  /** It differs by as much, up and down. */
  readonly jitterMs: number;
}

export interface Toxiproxy extends Server {
  /** Carries what goes to one port of 127.0.0.1 to another. */
  relay(name: string, ports: { readonly from: number; readonly to: number }): Promise<void>;
  /** Delays what all of them carry, there and back; undefined ends it. */
  slow(latency: Latency | undefined): Promise<void>;
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
    async slow(latency: Latency | undefined) {
      if (!latency) return await ask('POST', '/reset');
      const attributes = { latency: latency.latencyMs, jitter: latency.jitterMs };
      for (const name of names) {
        for (const stream of ['upstream', 'downstream']) {
          await ask('POST', `/proxies/${name}/toxics`, { name: stream, type: 'latency', stream, attributes });
        }
      }
    },
  });
}
