import { describe, expect, it } from 'vitest';
import { afterReading, afterReport, nextChangeMs, SILENT, statusOf } from './status.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const seenAtZero = afterReading(SILENT, 0, 0);

describe('the status of a device', () => {
  it('is NEW until something is heard', () => {
    expect(statusOf(SILENT, false, 0)).toBe('NEW');
    expect(nextChangeMs(SILENT, false, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    [0, 'ONLINE'],
    [10 * MINUTE_MS, 'ONLINE'],
    [10 * MINUTE_MS + 1, 'LATE'],
    [HOUR_MS, 'LATE'],
    [HOUR_MS + 1, 'STALE'],
    [24 * HOUR_MS, 'STALE'],
    [24 * HOUR_MS + 1, 'OFFLINE'],
  ] as const)('is, %i ms after the newest reading, %s', (ageMs, status) => {
    expect(statusOf(seenAtZero, false, ageMs)).toBe(status);
  });

  it('knows the first moment at which time alone changes it', () => {
    expect(nextChangeMs(seenAtZero, false, 0)).toBe(10 * MINUTE_MS + 1);
    expect(nextChangeMs(seenAtZero, false, 10 * MINUTE_MS + 1)).toBe(HOUR_MS + 1);
    expect(nextChangeMs(seenAtZero, false, HOUR_MS + 1)).toBe(24 * HOUR_MS + 1);
    expect(nextChangeMs(seenAtZero, false, 24 * HOUR_MS + 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is RETIRED whatever is heard', () => {
    expect(statusOf(seenAtZero, true, 0)).toBe('RETIRED');
    expect(nextChangeMs(seenAtZero, true, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is OFFLINE once the last will came, before any reading as well', () => {
    const gone = afterReport(SILENT, { state: 'offline', atMs: 5 });
    expect(statusOf(gone, false, 6)).toBe('OFFLINE');
    expect(statusOf(afterReport(gone, { state: 'online', atMs: 7 }), false, 8)).toBe('NEW');
  });

  it('ends OFFLINE by a reading that was received after the last will, not by one received before and told late', () => {
    const gone = afterReport(seenAtZero, { state: 'offline', atMs: 100 });
    expect(statusOf(afterReading(gone, 90, 100), false, 200)).toBe('OFFLINE');
    expect(statusOf(afterReading(gone, 101, 101), false, 200)).toBe('ONLINE');
  });

  it('ends OFFLINE by a back-fill: it is old, and yet the device speaks', () => {
    const gone = afterReport(seenAtZero, { state: 'offline', atMs: 2 * HOUR_MS });
    expect(statusOf(afterReading(gone, MINUTE_MS, 2 * HOUR_MS + 1), false, 2 * HOUR_MS + 1)).toBe('STALE');
  });
});

describe('what is known of a device', () => {
  it('keeps the newest reading, in whatever order they come', () => {
    expect(afterReading(afterReading(SILENT, 50, 60), 20, 70).lastSeenMs).toBe(50);
  });

  it('never holds a reading newer than its receipt', () => {
    expect(afterReading(SILENT, 5_000, 1_000).lastSeenMs).toBe(1_000);
  });

  it('passes over a report that is older than the last one', () => {
    const online = afterReport(SILENT, { state: 'online', atMs: 10, firmware: '1.4.0' });
    expect(afterReport(online, { state: 'offline', atMs: 9 })).toBe(online);
  });

  it('keeps the firmware when a last will does not name it', () => {
    const online = afterReport(SILENT, { state: 'online', atMs: 10, firmware: '1.4.0' });
    expect(afterReport(online, { state: 'offline', atMs: 11 }).firmware).toBe('1.4.0');
  });
});
