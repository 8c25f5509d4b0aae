import type { LogAttributes, Logger, LogLevel } from './port.ts';
import { printable } from './printable.ts';

export interface JsonLogOptions {
  /** Events below this level are left out. */
  readonly level: LogLevel;
  /** Takes one line, its newline included. */
  readonly write: (line: string) => void;
  /** `json` (default) is one JSON object a line, for machines; `text` is one line for a person. */
  readonly format?: 'json' | 'text';
  /** Unix ms; the machine's time by default. */
  readonly nowMs?: () => number;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A log of one line per event. Values of keys that name a secret are never written; long and deep values are cut. */
export function jsonLog({ level, write, format = 'json', nowMs = Date.now }: JsonLogOptions): Logger {
  const line = format === 'json' ? jsonLine : textLine;
  const least = LEVELS.indexOf(level);

  function logger(inherited: LogAttributes): Logger {
    const at = (own: LogLevel) => {
      if (LEVELS.indexOf(own) < least) return () => {};
      return (attributes: LogAttributes, message: string) => {
        const time = new Date(nowMs()).toISOString();
        write(line({ time, level: own, message }, printable({ ...inherited, ...attributes })));
      };
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (attributes) => logger({ ...inherited, ...attributes }),
    };
  }
  return logger({});
}

interface Head {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
}

function jsonLine({ time, level, message }: Head, attributes: Record<string, unknown>): string {
  const head = { time, level, msg: message };
  // The head goes in twice: first for its place in the line, last so that no attribute can pass for it.
  return `${JSON.stringify(Object.assign({}, head, attributes, head))}\n`;
}

function textLine({ time, level, message }: Head, attributes: Record<string, unknown>): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}=${textValue(value)}`);
  return `${time.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${message}${pairs.join('')}\n`;
}

function textValue(value: unknown): string {
  return typeof value === 'string' && /^[\p{L}\p{N}./:@_+-]+$/u.test(value) ? value : JSON.stringify(value);
}
