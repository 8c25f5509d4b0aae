/** Harm to a city that is no dead process: a bucket that is gone, a clock that is wrong. */
import type { CityClient } from '../../app/e2e/city.ts';
import type { Client } from '../../app/e2e/client.ts';
import type { RoleProcess } from '../distributed/role.ts';
import { debianProgram } from '../engines/debian.ts';

const BUCKET = 'greencity';

/** Calls InfluxDB's API with the token of the city. */
export async function influx({ city }: CityClient, path: string, method = 'GET'): Promise<Response> {
  const { InfluxDB } = city.engines;
  const headers = { authorization: `Token ${InfluxDB.secrets('measurements')['INFLUX_TOKEN']}` };
  return await fetch(`http://${InfluxDB.address}/api/v2/${path}`, { method, headers });
}

/** Deletes the bucket of raw readings. */
export async function deleteBucket(client: CityClient): Promise<void> {
  const { buckets } = (await (await influx(client, `buckets?name=${BUCKET}`)).json()) as {
    readonly buckets: readonly { readonly id: string }[];
  };
  const answer = await influx(client, `buckets/${buckets[0]?.id}`, 'DELETE');
  if (!answer.ok) throw new Error(`the bucket was not deleted: ${answer.status}`);
}

/** Another ingest joins, and shares the messages, whose clock is two hours behind. */
export async function joinBehind({ city }: CityClient): Promise<RoleProcess> {
  const library = (await debianProgram('faketime', ['libfaketime'])).library('faketime/libfaketimeMT.so.1');
  const settings = { LD_PRELOAD: library, FAKETIME: '-2h', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  return await city.join('ingest', { settings });
}

/** Readings among the dead letters that seemed to come from the future. */
export async function inTheFuture(client: Client): Promise<number> {
  const { data } = await client.graphql('{ deadLetters(first: 1000, reason: "IN_THE_FUTURE") { deviceId } }');
  return data.deadLetters.length;
}
