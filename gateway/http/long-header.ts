import type { IncomingMessage } from 'node:http';

/** Of one header, with what stands in others of its name: nobody's is as long, and what reads headers takes its time. Address and headers together may have four times as much. */
export const HEADER_LENGTH_MAX = 16 * 1024;

export function hasLongHeader({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && value.length > HEADER_LENGTH_MAX) return true;
  }
  return false;
}
