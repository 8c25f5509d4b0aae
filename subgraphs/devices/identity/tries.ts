import { AppError } from '@greencity/platform/errors';
import type { KeyValue, RateLimit } from '@greencity/platform/key-value/port';

/** Ten tries of one password at once, then one each half minute: enough for a forgetful person, useless for a list of passwords. */
export const PASSWORD_LIMIT: RateLimit = { capacity: 10, refillPerSecond: 1 / 30 };

/** Takes one try off what is left under a key; `what` is counted there, as in `sign-ins`. @throws AppError RATE_LIMITED when none is left */
export async function spendTry(
  keyValue: KeyValue,
  key: string,
  { limit, what }: { readonly limit: RateLimit; readonly what: string },
): Promise<void> {
  const { allowed, retryAfterMs } = await keyValue.spend(key, 1, limit);
  if (!allowed)
    throw new AppError('RATE_LIMITED', `too many ${what}: try again in ${Math.ceil(retryAfterMs / 1_000)} s`);
}
