import { HOUR_MS } from '@greencity/air/time';
import { type Alert, begun, ended, type Sighting, titleOf } from './alert.ts';
import { clears, exceeds, type Rule } from './rule.ts';

/** A device that is silent for longer has not shown that its value stayed past the threshold: a pending alert begins anew. */
export const SILENCE_MAX_MS = HOUR_MS;

/** What a newer value makes of an open alert, or of none. `undefined` means that there is none to follow any more. */
export type Evaluation =
  | { readonly kind: 'none' }
  /** Began, or goes on with a new value, or a held one may begin anew; nobody is told. */
  | { readonly kind: 'quiet'; readonly alert: Alert }
  /** It never fired: it is forgotten, and `next` may begin in its place. */
  | { readonly kind: 'forgotten'; readonly next: Alert | undefined }
  /** It fires or has ended: everybody is told. */
  | { readonly kind: 'told'; readonly alert: Alert };

const NONE: Evaluation = { kind: 'none' };

/** Judges one value by one rule. Pure; time is measurement time. The value must be newer than the one before, and not BAD. */
export function evaluate(rule: Rule, alert: Alert | undefined, sighting: Sighting): Evaluation {
  const { value, timeMs, previousMs = timeMs } = sighting;
  if (!alert) return exceeds(rule, value) ? begins(rule, sighting) : NONE;
  switch (alert.state) {
    case 'PENDING':
      if (!exceeds(rule, value)) return { kind: 'forgotten', next: undefined };
      if (timeMs - previousMs > SILENCE_MAX_MS) return { kind: 'forgotten', next: begun(rule, sighting) };
      return timeMs - alert.startedAtMs >= rule.forMs
        ? { kind: 'told', alert: fired(rule, alert, sighting) }
        : { kind: 'quiet', alert: { ...alert, value } };
    case 'FIRING':
    case 'ACKNOWLEDGED':
      return clears(rule, value)
        ? { kind: 'told', alert: ended(alert, timeMs, { value }) }
        : { kind: 'quiet', alert: { ...alert, value } };
    case 'RESOLVED':
      return clears(rule, value) ? { kind: 'quiet', alert: { ...alert, held: false } } : NONE;
  }
}

function begins(rule: Rule, sighting: Sighting): Evaluation {
  const alert = begun(rule, sighting);
  return rule.forMs === 0 ? { kind: 'told', alert: fired(rule, alert, sighting) } : { kind: 'quiet', alert };
}

function fired(rule: Rule, alert: Alert, sighting: Sighting): Alert {
  const { value, timeMs } = sighting;
  return { ...alert, state: 'FIRING', title: titleOf(rule, sighting), value, changedAtMs: timeMs };
}
