/** Apollo Server in front of Apollo's gateway as they come, in a process of their own: `stock-server.ts PACKAGES SUPERGRAPH`. Sends its port. */
import { readFileSync } from 'node:fs';
import { peerPackage } from './peers.ts';

interface Server {
  readonly ApolloServer: new (options: object) => object;
}
interface Standalone {
  startStandaloneServer(server: object, options: object): Promise<{ readonly url: string }>;
}
interface Gateway {
  readonly ApolloGateway: new (options: object) => object;
}

const [packages = '', supergraph = ''] = process.argv.slice(2);
const { ApolloServer } = peerPackage<Server>(packages, '@apollo/server');
const { startStandaloneServer } = peerPackage<Standalone>(packages, '@apollo/server/standalone');
const { ApolloGateway } = peerPackage<Gateway>(packages, '@apollo/gateway');
const gateway = new ApolloGateway({ supergraphSdl: readFileSync(supergraph, 'utf8') });
const { url } = await startStandaloneServer(new ApolloServer({ gateway }), { listen: { host: '127.0.0.1', port: 0 } });
process.send?.({ port: Number(new URL(url).port), path: '/' });
process.on('disconnect', () => process.exit(0));
