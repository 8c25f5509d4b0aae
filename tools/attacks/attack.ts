import { openTally, type Tally } from './tally.ts';
import type { Target } from './target.ts';

/** One attack, as long as it lasts. */
export interface Attack {
  readonly name: string;
  /** The way in that it takes. */
  readonly path: string;
  /** What it is made of, where that comes on several ways in. */
  readonly parts?: readonly Attack[];
  /** Attacks, counts what comes back, and says what is wrong with it; undefined when it was answered as it should be. */
  run(target: Target, answers: Tally): Promise<string | undefined>;
}

/** A part of an attack, whose answers are judged by themselves. */
async function runPart(part: Attack, target: Target, answers: Tally): Promise<string | undefined> {
  const own = openTally();
  const wrong = await part.run(target, own);
  own.addTo(answers);
  return wrong === undefined ? undefined : `${part.name} (${part.path}): ${wrong}`;
}

/** Attacks at the same time, as one. */
export function together(name: string, path: string, parts: readonly Attack[]): Attack {
  return {
    ...{ name, path, parts },
    async run(target, answers) {
      const wrongs = await Promise.all(parts.map((part) => runPart(part, target, answers)));
      return wrongs.find((wrong) => wrong !== undefined);
    },
  };
}

/** Attacks one after the other, as one. */
export function inTurn(name: string, path: string, parts: readonly Attack[]): Attack {
  return {
    ...{ name, path, parts },
    async run(target, answers) {
      const wrongs: (string | undefined)[] = [];
      for (const part of parts) wrongs.push(await runPart(part, target, answers));
      return wrongs.find((wrong) => wrong !== undefined);
    },
  };
}

/** Those that an attack is made of in the end. */
export function partsOf(attack: Attack): readonly Attack[] {
  return attack.parts?.flatMap(partsOf) ?? [attack];
}

/** How long a flood lasts. */
export const FLOOD_MS = 2_000;

/** How long a flood goes on at most until what must come has come. */
const PATIENCE_MS = 25_000;

export interface Flood {
  /** Requests under way at a time. */
  readonly atATime: number;
  /** An answer that must come: the flood goes on until it has. */
  readonly must?: string | undefined;
  once(index: number): Promise<string>;
}

/** Does something again and again. A connection that is cut counts as `cut`. */
export async function flood(answers: Tally, { atATime, must, once }: Flood): Promise<void> {
  const startedMs = performance.now();
  const goesOn = (): boolean => {
    const forMs = performance.now() - startedMs;
    return forMs < FLOOD_MS || (must !== undefined && forMs < PATIENCE_MS && answers.count(must) === 0);
  };
  let index = 0;
  const stream = async (): Promise<void> => {
    while (goesOn()) {
      index += 1;
      answers.add(await once(index).catch(() => 'cut'));
    }
  };
  await Promise.all(Array.from({ length: atATime }, stream));
}

/** What is wrong when something else than what is expected came back, or nothing. */
export function unexpected(answers: Tally, expected: readonly string[]): string | undefined {
  if (answers.total() === 0) return 'nothing came back';
  const others = answers.others(expected);
  return others.length > 0 ? `also answered: ${others.join(', ')}` : undefined;
}

/** What is wrong when an answer that must come did not. */
export function missing(answers: Tally, wanted: string): string | undefined {
  return answers.count(wanted) === 0 ? `never answered: ${wanted}` : undefined;
}
