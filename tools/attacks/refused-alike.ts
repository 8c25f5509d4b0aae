import { HOSTILE_DOCUMENTS, type HostileDocument } from './documents.ts';
import type { Target } from './target.ts';
import { codeOf, WAYS_IN } from './ways-in.ts';

/** How one operation was refused on each way in. */
export interface Refusal {
  readonly name: string;
  readonly expected: string;
  /** What each way in answered; undefined where the operation is too long for it. */
  readonly answers: readonly (string | undefined)[];
  readonly alike: boolean;
}

/** Asks each way in for one operation. Every question comes from an address of its own, so that no budget answers in its place. */
async function refusal(target: Target, { name, code, ...question }: HostileDocument, host: number): Promise<Refusal> {
  const answers: (string | undefined)[] = [];
  for (const way of WAYS_IN) {
    const fits = JSON.stringify(question).length <= way.bytesMax;
    answers.push(fits ? codeOf((await way.ask(target, question, { host })).text) : undefined);
  }
  return { name, expected: code, answers, alike: answers.every((answer) => answer === undefined || answer === code) };
}

/** Every hostile operation on every way in. */
export async function refusedAlike(target: Target): Promise<readonly Refusal[]> {
  const refusals: Refusal[] = [];
  for (const [index, document] of HOSTILE_DOCUMENTS.entries())
    refusals.push(await refusal(target, document, 100 + index));
  return refusals;
}
