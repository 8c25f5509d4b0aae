import type { LogAttributes, Logger, LogLevel } from './port.ts';

export interface LogEntry {
  readonly level: LogLevel;
  readonly attributes: LogAttributes;
  readonly message: string;
}

/** A logger whose entries a test can read. */
export function memoryLog(): Logger & { readonly entries: readonly LogEntry[] } {
  const entries: LogEntry[] = [];
  function make(fixed: LogAttributes): Logger {
    const at = (level: LogLevel) => (attributes: LogAttributes, message: string) => {
      entries.push({ level, attributes: { ...fixed, ...attributes }, message });
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (attributes) => make({ ...fixed, ...attributes }),
    };
  }
  return { ...make({}), entries };
}
