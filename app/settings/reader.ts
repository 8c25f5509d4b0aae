/** Reads single variables, and collects what is wrong with them. */
import { readFileSync } from 'node:fs';
import { type Environment, SECRETS } from './variables.ts';

/** The environment with the secrets that it names files for. A file's last line end is not part of the secret. */
function withSecrets(environment: Environment, mistakes: string[]): Environment {
  const read: Record<string, string | undefined> = { ...environment };
  for (const name of SECRETS) {
    const path = environment[`${name}_FILE`]?.trim();
    if (!path) continue;
    if (environment[name]) mistakes.push(`${name} and ${name}_FILE are both set; unset one`);
    try {
      read[name] = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
      if (!read[name]) mistakes.push(`${name}_FILE must name a file with something in it, "${path}" is empty`);
    } catch (error) {
      mistakes.push(`${name}_FILE must name a file that can be read: ${(error as Error).message}`);
    }
  }
  return read;
}

/** Collects what is wrong while reading, so that the user hears of all of it at once. */
export function reader(given: Environment) {
  const mistakes: string[] = [];
  const environment = withSecrets(given, mistakes);
  const text = (name: string, fallback: string): string => environment[name]?.trim() || fallback;
  return {
    mistakes,
    environment,
    text,
    number(name: string, range: { readonly fallback: number; readonly low: number; readonly high: number }): number {
      const set = environment[name]?.trim();
      if (!set) return range.fallback;
      const value = Number(set);
      if (Number.isFinite(value) && value >= range.low && value <= range.high) return value;
      mistakes.push(`${name} must be a number from ${range.low} to ${range.high}, not "${set}"`);
      return range.fallback;
    },
    port(name: string, fallback: number): number {
      const value = Number(text(name, String(fallback)));
      if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
      mistakes.push(`${name} must be a whole number from 0 (any free port) to 65535, not "${environment[name]}"`);
      return fallback;
    },
    choice<const T extends string>(name: string, fallback: T, choices: readonly T[]): T {
      const set = text(name, fallback);
      const chosen = choices.find((choice) => choice === set);
      if (chosen !== undefined) return chosen;
      mistakes.push(`${name} must be one of ${choices.join(', ')}, not "${set}"`);
      return fallback;
    },
  };
}

/** Settings of one environment, one by one. */
export type Reader = ReturnType<typeof reader>;
