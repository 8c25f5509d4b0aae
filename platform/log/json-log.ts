import type { LogAttributes, Logger, LogLevel } from './port.ts';

export interface JsonLogOptions {
  readonly level: LogLevel;
  /** `json` for machines; `text` for people: time, level, message, attributes. */
  readonly format: 'json' | 'text';
  /** Receives one line with its newline. */
  readonly write: (line: string) => void;
  /** Unix ms; the machine's time by default. */
  readonly nowMs?: () => number;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const SECRET = /password|secret|token|authorization|cookie/i;
const REDACTED = '[redacted]';

/** JSON text of an attribute: errors with their codes and causes, secrets never. */
function replaceForJson(key: string, value: unknown): unknown {
  if (SECRET.test(key) && value !== undefined) return REDACTED;
  if (value instanceof Error) {
    const { code } = value as { readonly code?: unknown };
    return {
      name: value.name,
      ...(code === undefined ? {} : { code }),
      message: value.message,
      cause: value.cause,
      stack: value.stack,
    };
  }
  return typeof value === 'bigint' ? String(value) : value;
}

function textLine(level: LogLevel, attributes: LogAttributes, message: string, timeMs: number): string {
  const fields = Object.entries(attributes).map(([key, value]) => {
    const text =
      typeof value === 'string' && !SECRET.test(key)
        ? value
        : JSON.stringify({ [key]: value }, replaceForJson)?.slice(key.length + 4, -1);
    return ` ${key}=${text}`;
  });
  return `${new Date(timeMs).toISOString()} ${level.padEnd(5)} ${message}${fields.join('')}\n`;
}

/** A logger that writes one line an event and drops those below its level. */
export function jsonLog(options: JsonLogOptions): Logger {
  const nowMs = options.nowMs ?? Date.now;
  function make(fixed: LogAttributes): Logger {
    const at = (level: LogLevel) => (attributes: LogAttributes, message: string) => {
      if (RANK[level] < RANK[options.level]) return;
      const all = { ...fixed, ...attributes };
      if (options.format === 'text') options.write(textLine(level, all, message, nowMs()));
      else
        options.write(
          `${JSON.stringify({ time: new Date(nowMs()).toISOString(), level, msg: message, ...all }, replaceForJson)}\n`,
        );
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (attributes) => make({ ...fixed, ...attributes }),
    };
  }
  return make({});
}
