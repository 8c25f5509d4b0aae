import type { NewRule, RuleChange } from './commands.ts';
import type { AlertRuleInput, UpdateAlertRuleInput } from './generated/schema.ts';

/** A rule as a client asks for it. */
export function newRule(input: AlertRuleInput): NewRule {
  return {
    name: input.name,
    metric: input.metric,
    comparison: input.comparison,
    threshold: input.threshold,
    clearThreshold: input.clearThreshold ?? input.threshold,
    forMs: input.for ?? 0,
    severity: input.severity ?? 'WARNING',
    zoneId: input.zoneId ?? null,
    deviceId: input.deviceId ?? null,
    enabled: input.enabled ?? true,
  };
}

/** The fields that a client changes; null leaves a field as it is. */
export function ruleChange({ for: forMs, ...input }: UpdateAlertRuleInput): RuleChange {
  const given = Object.entries({ ...input, forMs }).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given);
}
