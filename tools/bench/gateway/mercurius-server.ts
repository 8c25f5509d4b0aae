/** Mercurius as a gateway with its compiler on, in a process of its own: `mercurius-server.ts PACKAGES URL NAMES`. Sends its port. */
import type { AddressInfo } from 'node:net';
import { peerPackage } from './peers.ts';

interface App {
  readonly server: { address(): unknown };
  register(plugin: unknown, options: object): Promise<void>;
  listen(options: object): Promise<string>;
}

const [packages = '', url = '', names = ''] = process.argv.slice(2);
const fastify = peerPackage<() => App>(packages, 'fastify');
const mercurius = peerPackage<unknown>(packages, '@mercuriusjs/gateway');
const app = fastify();
const services = names.split(',').map((name) => ({ name, url: `${url}/${name}` }));
await app.register(mercurius, { gateway: { services }, jit: 1 });
await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: (app.server.address() as AddressInfo).port });
process.on('disconnect', () => process.exit(0));
