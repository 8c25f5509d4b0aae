import type { InfluxConnection } from './connection.ts';

const NOW = 'import "array" array.from(rows: [{_time: now()}])';

/** The server's time, in Unix ms. */
export async function serverClock(connection: InfluxConnection): Promise<number> {
  let nowMs = Number.NaN;
  await connection.ask(NOW, ['_time'], ([at = '']) => {
    nowMs = Date.parse(at);
  });
  return nowMs;
}
