import { describe, expect, it } from 'vitest';
import { lineSplitter, rowReader } from './csv.ts';

function rowsOf(chunks: readonly Uint8Array[], columns: readonly string[]): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  const lines = lineSplitter(rowReader(columns, (cells) => rows.push(cells)).line);
  for (const chunk of chunks) lines.push(chunk);
  lines.end();
  return rows;
}

const TABLES = [
  ',result,table,_time,_value,device',
  ',_result,0,2026-03-10T00:00:00Z,12.4,"a, ""quoted"""',
  ',_result,0,2026-03-10T00:00:01Z,13,é',
  '',
  ',result,table,device,_value',
  ',count,1,b,7',
].join('\r\n');

describe('an answer of InfluxDB', () => {
  it('gives the cells of the columns named, table by table, wherever it is cut into chunks', () => {
    const bytes = new TextEncoder().encode(TABLES);
    const expected = [
      ['a, "quoted"', '12.4', '2026-03-10T00:00:00Z'],
      ['é', '13', '2026-03-10T00:00:01Z'],
      ['b', '7', ''],
    ];
    for (const size of [1, 2, 7, bytes.length]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      );
      expect(rowsOf(chunks, ['device', '_value', '_time'])).toEqual(expected);
    }
  });

  it('is an error when the server says so in the middle of it', () => {
    const failed = new TextEncoder().encode(`${TABLES}\r\n\r\n,error,reference\r\n,out of memory,897\r\n`);
    expect(() => rowsOf([failed], ['_value'])).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it('may be empty', () => {
    expect(rowsOf([new TextEncoder().encode('\r\n')], ['_value'])).toEqual([]);
  });
});
