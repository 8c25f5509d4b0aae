/** What may stand of an operation in an address. */
const NAMES: ReadonlySet<string> = new Set(['query', 'operationName', 'variables', 'extensions', 'id', 'documentId']);

/**
 * The parameters of an operation in the query string of an address; the last of those that stand twice. Others are passed over unread: an object of thousands
 * of names costs milliseconds.
 */
export function operationParameters(search: string): Record<string, string> {
  if (search === '') return {};
  const known = search.split('&').filter((pair) => {
    const end = pair.indexOf('=');
    const name = end < 0 ? pair : pair.slice(0, end);
    return NAMES.has(name) || name.includes('%');
  });
  const found: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(known.join('&'))) if (NAMES.has(name)) found[name] = value;
  return found;
}

/** The query string of an address, without its question mark. */
export function queryStringOf(url = '/'): string {
  const at = url.indexOf('?');
  if (at < 0) return '';
  const end = url.indexOf('#', at);
  return end < 0 ? url.slice(at + 1) : url.slice(at + 1, end);
}
