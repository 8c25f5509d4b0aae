/** Telegraf 1.33, built from its Go modules with the plugins that a comparison needs: MQTT in, JSON, InfluxDB 2 out. For benchmarks alone. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { findProgram, runProgram } from './program.ts';
import { freePort, type Server, serverFolder, startServer } from './server.ts';

const VERSION = '1.33.3';
const OWNER_ONLY = 0o600;
/** Telegraf's own way to leave plugins out; what is left in is the same code. */
const PLUGINS = ['inputs.mqtt_consumer', 'parsers.json', 'outputs.influxdb_v2', 'outputs.health', 'serializers.influx'];

export interface TelegrafOptions {
  readonly broker: { readonly port: number; readonly username: string; readonly password: string };
  readonly influx: { readonly url: string; readonly org: string; readonly token: string; readonly bucket: string };
}

/** Path of the program, built when the cache has none: a minute of CPU. @throws Error without Go */
async function telegraf(): Promise<string> {
  const folder = await cached(`telegraf-${VERSION}`, async (target) => {
    if (!findProgram('go')) throw new Error('go not found: Telegraf is built from source');
    const work = join(target, 'build');
    await mkdir(work);
    const env = { GOPATH: join(work, 'go'), GOCACHE: join(work, 'cache'), GOBIN: target, GOFLAGS: '-modcacherw' };
    const tags = ['custom', ...PLUGINS].join(',');
    console.error(`Building Telegraf ${VERSION}, once.`);
    await runProgram('go', ['install', '-tags', tags, `github.com/influxdata/telegraf/cmd/telegraf@v${VERSION}`], {
      env,
    });
    await rm(work, { recursive: true, force: true });
  });
  return join(folder, 'telegraf');
}

/** Batches of the size that its guide advises for InfluxDB, a second apart at most; what is in its buffer waits for the server. */
function settings({ broker, influx }: TelegrafOptions, healthPort: number): string {
  return `
[agent]
  interval = "1s"
  flush_interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = 200000
  omit_hostname = true
  quiet = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:${broker.port}"]
  topics = ["$share/telegraf/greencity/v1/+/measurements"]
  username = "${broker.username}"
  password = "${broker.password}"
  client_id = "telegraf"
  qos = 1
  persistent_session = true
  max_undelivered_messages = 10000
  topic_tag = ""
  data_format = "json"
  json_time_key = "time"
  json_time_format = "2006-01-02T15:04:05.000Z07:00"
  fieldinclude = ["values_*"]
  [[inputs.mqtt_consumer.topic_parsing]]
    topic = "greencity/v1/+/measurements"
    tags = "_/_/device/_"
[[outputs.influxdb_v2]]
  urls = ["${influx.url}"]
  organization = "${influx.org}"
  token = "${influx.token}"
  bucket = "${influx.bucket}"
  content_encoding = "identity"
[[outputs.health]]
  service_address = "http://127.0.0.1:${healthPort}"
  namepass = ["nothing"]
`;
}

/** Starts it; resolves when it runs. */
export async function startTelegraf(options: TelegrafOptions): Promise<Server> {
  const command = await telegraf();
  const [folder, port] = [await serverFolder('telegraf'), await freePort()];
  const file = join(folder, 'telegraf.conf');
  await writeFile(file, settings(options, port), { mode: OWNER_ONLY });
  return await startServer({ name: 'Telegraf', command, args: ['--config', file], folder, port });
}
