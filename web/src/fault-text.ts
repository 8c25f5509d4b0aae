import type { CombinedError } from '@urql/core';

/** A failed call in words for people: what the platform said, or that it does not answer. */
export function faultText({ networkError, graphQLErrors, response }: CombinedError): string {
  const status = (response as Response | undefined)?.status;
  if (graphQLErrors.length > 0) return graphQLErrors.map(({ message }) => message).join(' ');
  if (status === 429) return 'Too many calls from this address: wait a minute.';
  return networkError && (status === undefined || status >= 500)
    ? 'The platform does not answer. What is shown is what was last known.'
    : 'The platform could not answer this.';
}
