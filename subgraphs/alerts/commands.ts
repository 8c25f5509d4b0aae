import { randomUUID } from 'node:crypto';
import type { Clock } from '@greencity/platform/clock/port';
import type { DeviceDirectory } from '@greencity/platform/device-directory/device-directory';
import { AppError } from '@greencity/platform/errors';
import type { AlertBook } from './alert-book.ts';
import { type Alert, acknowledged, type ByHand, resolvedByHand } from './domain/alert.ts';
import type { AlertEngine } from './domain/alert-engine.ts';
import { type Rule, ruleFault } from './domain/rule.ts';
import type { InTurn } from './in-turn.ts';
import type { AlertStore } from './store/alert-store.ts';

/** A rule as asked for. */
export type NewRule = Omit<Rule, 'id' | 'createdAtMs'>;
/** What of a rule may change: not what it watches. */
export type RuleChange = Partial<
  Pick<Rule, 'name' | 'threshold' | 'clearThreshold' | 'forMs' | 'severity' | 'enabled'>
>;

/** What people do with rules and alerts. Each call is durable, and in force, when it resolves. */
export interface Commands {
  /** @throws AppError BAD_USER_INPUT; CONFLICT when there are as many rules as there may be */
  createRule(rule: NewRule): Promise<Rule>;
  /** @throws AppError NOT_FOUND, BAD_USER_INPUT */
  updateRule(id: string, change: RuleChange): Promise<Rule>;
  /** @throws AppError NOT_FOUND */
  deleteRule(id: string): Promise<void>;
  /** @throws AppError NOT_FOUND, BAD_USER_INPUT; CONFLICT for an alert that does not fire */
  acknowledge(id: string, comment: string | null): Promise<Alert>;
  /** @throws AppError NOT_FOUND; CONFLICT for an alert that does not fire yet */
  resolve(id: string): Promise<Alert>;
}

export interface CommandsOptions {
  readonly store: AlertStore;
  readonly engine: AlertEngine;
  readonly book: AlertBook;
  readonly directory: DeviceDirectory;
  readonly clock: Clock;
  readonly inTurn: InTurn;
}

const RULES_MAX = 1_000;
const COMMENT_LENGTH_MAX = 1_000;
/** The zone of devices that lie in none. */
const OUTSIDE = 'outside';

/** Commands over this engine and its store. */
export function createCommands(options: CommandsOptions): Commands {
  const { store, engine, book, clock, inTurn } = options;

  async function byHand(id: string, change: (alert: Alert) => ByHand): Promise<Alert> {
    const [stored] = await store.alerts([id]);
    const alert = engine.alert(id) ?? stored;
    if (!alert) throw new AppError('NOT_FOUND', `alert ${id}`);
    const outcome = change(alert);
    switch (outcome.kind) {
      case 'refused':
        throw new AppError('CONFLICT', `alert ${id}: ${outcome.reason}`);
      case 'same':
        if (outcome.alert !== alert) await book.change(outcome.alert, false);
        return outcome.alert;
      case 'changed':
        await book.change(outcome.alert, true);
        return outcome.alert;
    }
  }

  return {
    createRule: (asked) =>
      inTurn(async () => {
        const rule: Rule = { ...asked, id: randomUUID(), createdAtMs: clock.nowMs() };
        checkRule(rule);
        await checkWatched(rule, options.directory);
        if (engine.rules().length >= RULES_MAX) throw new AppError('CONFLICT', `at most ${RULES_MAX} rules`);
        await store.rules.insert(rule.id, rule);
        engine.setRule(rule, rule.createdAtMs);
        return rule;
      }),
    updateRule: (id, change) =>
      inTurn(async () => {
        const stored = await store.rules.get(id);
        if (!stored) throw new AppError('NOT_FOUND', `rule ${id}`);
        const rule = { ...stored.document, ...change };
        checkRule(rule);
        await store.rules.replace(id, stored.version, rule);
        engine.setRule(rule, clock.nowMs());
        await book.settleStore();
        return rule;
      }),
    deleteRule: (id) =>
      inTurn(async () => {
        if (!(await store.rules.delete(id))) throw new AppError('NOT_FOUND', `rule ${id}`);
        engine.removeRule(id, clock.nowMs());
        await book.settleStore();
      }),
    acknowledge: (id, comment) =>
      inTurn(async () => {
        if (comment !== null && comment.length > COMMENT_LENGTH_MAX)
          throw new AppError('BAD_USER_INPUT', `comment: must be at most ${COMMENT_LENGTH_MAX} characters`);
        return await byHand(id, (alert) => acknowledged(alert, comment, clock.nowMs()));
      }),
    resolve: (id) => inTurn(() => byHand(id, (alert) => resolvedByHand(alert, clock.nowMs()))),
  };
}

function checkRule(rule: Rule): void {
  const fault = ruleFault(rule);
  if (fault) throw new AppError('BAD_USER_INPUT', `input.${fault.field}: ${fault.must}`);
}

/** What a rule names must be known. The directory follows the log: what was made a moment ago is there after `caughtUp`. */
async function checkWatched({ deviceId, zoneId }: Rule, directory: DeviceDirectory): Promise<void> {
  const known = () => {
    const deviceKnown = deviceId === null || directory.device(deviceId)?.retired === false;
    const zoneKnown = zoneId === null || zoneId === OUTSIDE || directory.zone(zoneId) !== undefined;
    return { deviceKnown, zoneKnown };
  };
  if (!known().deviceKnown || !known().zoneKnown) await directory.caughtUp();
  if (!known().deviceKnown)
    throw new AppError('BAD_USER_INPUT', `input.deviceId: no device in service has the id ${deviceId}`);
  if (!known().zoneKnown) throw new AppError('BAD_USER_INPUT', `input.zoneId: no zone has the id ${zoneId}`);
}
