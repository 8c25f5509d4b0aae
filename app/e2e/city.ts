/** A city of processes on real engines, as a client sees it. */
import { type City, type CityOptions, startCity } from '../../tools/distributed/city.ts';
import { type Client, clientOf } from './client.ts';

export interface CityClient extends Client, AsyncDisposable {
  readonly city: City;
}

/** Starts the city; its gateway and its MQTT broker are what the client speaks to. */
export async function startCityClient(options: CityOptions = {}): Promise<CityClient> {
  const city = await startCity(options);
  const { mqttUrl, admin } = city;
  const client = clientOf({ url: city.roles.gateway.url, mqttUrl, admin });
  return { ...client, city, [Symbol.asyncDispose]: city.stop };
}
