/** What the tests of the real engines need of this machine and do not find. */
import { debianLacks } from './debian.ts';
import { influxLacks } from './influx-build.ts';
import { kafkaLacks } from './kafka.ts';
import { mongoLacks } from './mongod-fetch.ts';
import { mosquittoLacks } from './mosquitto.ts';

/** One sentence for each thing that is missing. */
export function missingForEngines(): readonly string[] {
  if (process.platform !== 'linux') return ['the engines are started on Linux only'];
  return [debianLacks(), kafkaLacks(), mosquittoLacks(), mongoLacks(), influxLacks()].filter(
    (sentence) => sentence !== undefined,
  );
}
