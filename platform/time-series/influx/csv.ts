/** The answers of InfluxDB: tables as CSV, each with a header of its own, an empty line between two. */
import { AppError } from '../../errors.ts';

export interface LineSplitter {
  push(chunk: Uint8Array): void;
  end(): void;
}

/** Cuts chunks of UTF-8 into lines, without their ends. */
export function lineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new TextDecoder();
  let rest = '';
  const take = (text: string) => {
    let from = 0;
    const whole = rest + text;
    for (let to = whole.indexOf('\n'); to >= 0; to = whole.indexOf('\n', from)) {
      onLine(whole.charCodeAt(to - 1) === 13 ? whole.slice(from, to - 1) : whole.slice(from, to));
      from = to + 1;
    }
    rest = whole.slice(from);
  };
  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end: () => {
      take(decoder.decode());
      if (rest) onLine(rest);
    },
  };
}

export interface RowReader {
  readonly line: (line: string) => void;
}

/** Reads rows, and gives the cells of the columns named; a cell that a table does not have is empty. @throws AppError UNAVAILABLE for an error that the server tells in the middle of an answer */
export function rowReader(columns: readonly string[], onRow: (cells: readonly string[]) => void): RowReader {
  let places: readonly number[] | undefined;
  let isError = false;
  return {
    line(line) {
      if (line === '') {
        places = undefined;
        return;
      }
      const cells = cellsOf(line);
      if (!places) {
        isError = cells.includes('error') && cells.includes('reference');
        places = (isError ? ['error'] : columns).map((column) => cells.indexOf(column));
        return;
      }
      const row = places.map((place) => cells[place] ?? '');
      if (isError) throw new AppError('UNAVAILABLE', `InfluxDB: ${row[0]}`);
      onRow(row);
    },
  };
}

function cellsOf(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  for (let at = 0; at <= line.length; at++) {
    if (line[at] !== '"') {
      const end = line.indexOf(',', at);
      const to = end < 0 ? line.length : end;
      cells.push(line.slice(at, to));
      at = to;
      continue;
    }
    let cell = '';
    for (at++; at < line.length; at++) {
      if (line[at] === '"' && line[at + 1] !== '"') break;
      if (line[at] === '"') at++;
      cell += line[at];
    }
    cells.push(cell);
    at++;
  }
  return cells;
}
