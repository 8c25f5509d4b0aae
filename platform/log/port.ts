/** One event per line: attributes first, then a constant message. Units stand in the keys. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogAttributes = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(attributes: LogAttributes, message: string): void;
  info(attributes: LogAttributes, message: string): void;
  warn(attributes: LogAttributes, message: string): void;
  error(attributes: LogAttributes, message: string): void;
  /** A logger whose lines all carry these attributes. */
  child(attributes: LogAttributes): Logger;
}
