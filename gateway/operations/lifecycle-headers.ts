import type { RegisteredOperation } from './registry.ts';

/** `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) of an operation whose release is on its way out. */
export function lifecycleHeaders({ state, release }: RegisteredOperation): Readonly<Record<string, string>> {
  if (state !== 'deprecated') return {};
  const { changedMs, sunsetMs } = release;
  return {
    deprecation: `@${Math.floor(changedMs / 1000)}`,
    ...(sunsetMs === undefined ? {} : { sunset: new Date(sunsetMs).toUTCString() }),
    link: '</docs>; rel="deprecation"; type="text/html"',
  };
}
