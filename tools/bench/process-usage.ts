/** What a process has used, read from the kernel: for a program measured from outside. Linux only. */
import { readFileSync } from 'node:fs';

const CLOCK_TICKS_PER_SECOND = 100;
const MICROSECONDS = 1_000_000;
const KIB = 1_024;

/** CPU time of all threads of a process, user and system, in microseconds. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND) * MICROSECONDS;
}

/** Resident memory of a process, in MiB. */
export function residentMib(pid: number): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((text) => text.startsWith('VmRSS:'));
  return Number(line?.split(/\s+/)[1] ?? 0) / KIB;
}

/** The value below which a share of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
