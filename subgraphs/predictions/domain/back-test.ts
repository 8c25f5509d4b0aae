/** How each candidate would have done of late, had it been asked every hour. */
import { CANDIDATES, type Candidate, type Past, trainCandidates } from './candidates.ts';
import type { Scale } from './scale.ts';

/** The window that errors are taken from: fixed intervals over a year covered too little, 45 days held. */
const WINDOW_HOURS = 45 * 24;
const WINDOW_SHARE = 0.4;
/** The candidates are trained anew at the start of each fold, on what came before it. */
const FOLDS = 3;

/** Errors of one candidate at one horizon. */
interface Trial {
  /** Of each fold, in the metric's unit. */
  readonly absoluteErrors: Float64Array;
  readonly counts: Float64Array;
  /** Observed minus forecast on the model's scale, over the whole window. */
  readonly errors: number[];
}

export interface BackTest {
  /** The candidate with the least mean absolute error. */
  readonly winner: Candidate;
  /** Observed minus forecast of the winner, on the model's scale. */
  readonly errors: readonly number[];
  /** Mean absolute error in the metric's unit of what would have been served: in each fold the candidate that won the other folds. */
  readonly servedError: number;
  readonly persistenceError: number;
}

/** Tests the candidates for one horizon over the newest part of the past; undefined where the past is too short to say. */
export function backTest(past: Past, horizon: number, scale: Scale): BackTest | undefined {
  const hours = past.observed.length;
  const window = Math.min(WINDOW_HOURS, Math.floor(hours * WINDOW_SHARE));
  const foldHours = Math.floor(window / FOLDS);
  if (foldHours < 1) return undefined;
  const trials = new Map<Candidate, Trial>();
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const from = hours - (FOLDS - fold) * foldHours;
    runFold({ past, horizon, scale, trials }, fold, [from, from + foldHours]);
  }
  return judge(trials);
}

interface Run {
  readonly past: Past;
  readonly horizon: number;
  readonly scale: Scale;
  readonly trials: Map<Candidate, Trial>;
}

function runFold({ past, horizon, scale, trials }: Run, fold: number, [from, to]: readonly [number, number]): void {
  const { observed, table } = past;
  for (const [candidate, predict] of trainCandidates(past, horizon, from)) {
    let trial = trials.get(candidate);
    if (!trial) {
      trial = { absoluteErrors: new Float64Array(FOLDS), counts: new Float64Array(FOLDS), errors: [] };
      trials.set(candidate, trial);
    }
    for (let target = Math.max(from, horizon); target < to; target += 1) {
      const truth = observed[target] as number;
      const origin = target - horizon;
      if (Number.isNaN(truth) || Number.isNaN(table.filled[origin])) continue;
      const forecast = predict(origin);
      trial.errors.push(truth - forecast);
      trial.counts[fold] = (trial.counts[fold] as number) + 1;
      const error = Math.abs(scale.fromModel(truth) - scale.fromModel(forecast));
      trial.absoluteErrors[fold] = (trial.absoluteErrors[fold] as number) + error;
    }
  }
}

function judge(trials: ReadonlyMap<Candidate, Trial>): BackTest | undefined {
  const persistence = trials.get('persistence/1');
  const tested = sum(persistence?.counts);
  if (!persistence || tested === 0) return undefined;
  // A candidate that could not be trained in every fold has not passed the same test as the others.
  const comparable = CANDIDATES.filter((candidate) => sum(trials.get(candidate)?.counts) === tested);
  const winner = best(trials, comparable, () => true);
  let served = 0;
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const elsewhere = best(trials, comparable, (other) => other !== fold);
    served += trials.get(elsewhere)?.absoluteErrors[fold] ?? 0;
  }
  return {
    winner,
    errors: trials.get(winner)?.errors ?? [],
    servedError: served / tested,
    persistenceError: sum(persistence.absoluteErrors) / tested,
  };
}

function best(
  trials: ReadonlyMap<Candidate, Trial>,
  among: readonly Candidate[],
  counts: (fold: number) => boolean,
): Candidate {
  let winner: Candidate = 'persistence/1';
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of among) {
    const error = sum(trials.get(candidate)?.absoluteErrors.filter((_, fold) => counts(fold)));
    if (error < least) [winner, least] = [candidate, error];
  }
  return winner;
}

function sum(values: Float64Array | undefined): number {
  return values?.reduce((total, value) => total + value, 0) ?? 0;
}
