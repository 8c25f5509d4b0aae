import type { Logger } from '@greencity/platform/log/port';
import { GraphQLError } from 'graphql';

/**
 * Keeps the process alive when graphql-js forgets a promise: where one element of a list fails at once, version 16 no
 * longer looks at the elements that fail later, and Node would end the process for it. The client has had its error by
 * then. Any other unhandled rejection is our mistake and still ends the process.
 */
export function toleratingForgottenErrors(log: Logger): Disposable {
  const listener = (reason: unknown): void => {
    if (!(reason instanceof GraphQLError) || reason.path === undefined) throw reason;
    log.warn({ path: reason.path.join('.'), error: reason }, 'a field failed after its list had failed already');
  };
  process.on('unhandledRejection', listener);
  return { [Symbol.dispose]: () => void process.off('unhandledRejection', listener) };
}
