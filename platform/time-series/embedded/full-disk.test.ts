import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PointLike } from '../contract.ts';
import { diskFiles, type Files } from './files.ts';
import { DAY } from './fixtures/open-for-test.ts';
import { run, type TestEngine, testEngine } from './fixtures/test-engine.ts';
import { maintain } from './maintenance.ts';
import { rawQuery } from './raw-query.ts';
import { seal } from './seal.ts';

const START = Date.UTC(2026, 2, 10);

/** The real disk, which can be told to be full after so many more bytes, or to fail at a call. */
interface FaultyFiles extends Files {
  bytesLeft: number;
  /** Calls that change the disk until one fails; further ones fail too. */
  callsLeft: number;
}

function faultyFiles(): FaultyFiles {
  const disk = diskFiles();
  const count =
    <A extends unknown[], R>(call: (...given: A) => R) =>
    (...given: A): R => {
      if (faulty.callsLeft-- <= 0) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
      return call(...given);
    };
  const faulty: FaultyFiles = {
    ...disk,
    bytesLeft: Number.POSITIVE_INFINITY,
    callsLeft: Number.POSITIVE_INFINITY,
    write: count((file, bytes) => {
      const fits = Math.min(bytes.length, faulty.bytesLeft);
      disk.write(file, bytes.subarray(0, fits));
      faulty.bytesLeft -= fits;
      if (fits < bytes.length) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    }),
    // Nothing here is about power cuts.
    sync: count(() => {}),
    rename: count(disk.rename),
    syncFolder: count(() => {}),
    open: (path, mode) => (mode !== 'read' ? count(disk.open)(path, mode) : disk.open(path, mode)),
  };
  return faulty;
}

const quickFiles = (): Files => ({ ...diskFiles(), sync: () => {}, syncFolder: () => {} });

let folder: string;
let files: FaultyFiles;
let subject: TestEngine;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'greencity-disk-'));
  files = faultyFiles();
  subject = testEngine({ folder, files });
});
afterEach(() => {
  subject.close();
  rmSync(folder, { recursive: true });
});

const minutes = (series: number, from: number, to: number): PointLike[] =>
  Array.from({ length: to - from }, (_, i) => ({
    series,
    timeMs: START + (from + i) * 60_000,
    value: (from + i) / 10,
  }));
const count = (series: number, from: TestEngine = subject) =>
  run(rawQuery(from.engine, { series, fromMs: START - DAY, toMs: START + 30 * DAY, pointsMax: 1_000_000 })).timeMs
    .length;
const reopened = () => {
  subject.close();
  subject = testEngine({ folder, files: quickFiles() });
};

describe('the embedded store on a full disk', () => {
  it('stores nothing of a batch that does not fit, and the next one when there is room again', () => {
    subject.write(minutes(0, 0, 10));
    files.bytesLeft = 20;
    const batch = [...minutes(0, 10, 20), ...minutes(1, 0, 10), { series: 0, timeMs: START + 30, value: 5 }];
    expect(() => subject.write(batch)).toThrowError(expect.objectContaining({ code: 'STORE_UNWRITABLE' }));
    expect([count(0), count(1)]).toEqual([10, 0]);
    files.bytesLeft = Number.POSITIVE_INFINITY;
    expect(subject.write(batch).duplicates.length).toBe(0);
    expect([count(0), count(1)]).toEqual([21, 10]);
    reopened();
    expect([count(0), count(1)]).toEqual([21, 10]);
  });

  it('stores nothing of a batch whose sync fails, even if the half commit cannot be cut off at once', () => {
    subject.write(minutes(0, 0, 10));
    const { cut } = files;
    files.bytesLeft = 30;
    files.cut = () => {
      throw new Error('EIO');
    };
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => subject.write(minutes(0, 10, 20))).toThrowError(
        expect.objectContaining({ code: 'STORE_UNWRITABLE' }),
      );
    }
    files.cut = cut;
    files.bytesLeft = Number.POSITIVE_INFINITY;
    subject.write(minutes(0, 20, 25));
    reopened();
    expect(count(0)).toBe(15);
  });

  it('keeps points in memory and in the log when a seal does not fit, and seals them later', () => {
    subject.write(minutes(0, 0, 500));
    files.bytesLeft = 100;
    expect(() => run(seal(subject.engine, START))).toThrowError(/ENOSPC/);
    expect(count(0)).toBe(500);
    expect(readdirSync(folder).filter((name) => /^(day|rollup|series)-/.test(name))).toEqual([]);
    files.bytesLeft = Number.POSITIVE_INFINITY;
    subject.write(minutes(0, 500, 600));
    run(seal(subject.engine, START));
    run(seal(subject.engine, START));
    expect(count(0)).toBe(600);
    expect(subject.engine.hot.points()).toBe(0);
    reopened();
    expect(count(0)).toBe(600);
  });

  it('refuses writes when seals fail and memory is full, and takes them again after one succeeds', () => {
    subject.close();
    subject = testEngine({ folder, files, hotPointsMax: 100 });
    subject.write(minutes(0, 0, 100));
    subject.engine.sealFailed = true;
    subject.write(minutes(0, 100, 200));
    expect(() => subject.write(minutes(0, 200, 210))).toThrowError(
      expect.objectContaining({ code: 'STORE_UNWRITABLE' }),
    );
    run(maintain(subject.engine, START));
    subject.engine.sealFailed = false;
    subject.write(minutes(0, 200, 210));
    expect(count(0)).toBe(210);
  });
});

describe('the embedded store when the disk fails in the middle of a seal or a merge', () => {
  /** Hot points of three days, beside a sealed file of each. */
  function prepare(): void {
    for (const day of [0, 1, 2]) subject.write(minutes(0, day * 1_440, day * 1_440 + 50));
    run(seal(subject.engine, START));
    for (const day of [0, 1, 2])
      subject.write([...minutes(0, day * 1_440 + 50, day * 1_440 + 90), ...minutes(1, day * 1_440, day * 1_440 + 9)]);
  }

  it('holds every point once after each step that can fail, opened again or going on', () => {
    for (let calls = 0; ; calls++) {
      rmSync(folder, { recursive: true });
      files = faultyFiles();
      subject.close();
      subject = testEngine({ folder, files });
      prepare();
      files.callsLeft = calls;
      let failed = false;
      try {
        run(maintain(subject.engine, START + 10 * DAY));
      } catch {
        failed = true;
      }
      expect([count(0), count(1)], `after ${calls} calls`).toEqual([270, 27]);
      const beside = testEngine({ folder, files: quickFiles() });
      expect([count(0, beside), count(1, beside)], `opened after ${calls} calls`).toEqual([270, 27]);
      beside.close();
      if (!failed) break;
    }
  }, 60_000);

  it('goes on after each step that failed, once the disk works again', () => {
    for (let calls = 0; ; calls++) {
      rmSync(folder, { recursive: true });
      files = faultyFiles();
      subject.close();
      subject = testEngine({ folder, files });
      prepare();
      files.callsLeft = calls;
      let failed = false;
      try {
        run(maintain(subject.engine, START + 10 * DAY));
      } catch {
        failed = true;
      }
      files.callsLeft = Number.POSITIVE_INFINITY;
      subject.write(minutes(1, 100, 110));
      run(maintain(subject.engine, START + 10 * DAY));
      expect([count(0), count(1)], `after ${calls} calls`).toEqual([270, 37]);
      reopened();
      expect([count(0), count(1)], `opened after ${calls} calls`).toEqual([270, 37]);
      if (!failed) break;
    }
  }, 60_000);
});
