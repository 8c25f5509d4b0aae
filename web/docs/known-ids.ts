/** The first id of each collection that an endpoint's path begins with, as `devices`. */
export type KnownIds = Readonly<Record<string, string>>;

/** Zones come in one list. */
const COLLECTIONS = { devices: 'devices?first=1', zones: 'zones', alerts: 'alerts?first=1' } as const;

type Fetch = (address: string) => Promise<Response>;

interface Page {
  readonly nodes?: readonly { readonly id: string }[];
}

/** What this city has, so that a sample that is copied as it stands has an answer. A collection that is empty, or cannot be asked for, is left out. */
export async function knownIds(base: string, fetched: Fetch = (address) => fetch(address)): Promise<KnownIds> {
  const found = await Promise.all(
    Object.entries(COLLECTIONS).map(async ([name, address]) => {
      try {
        const response = await fetched(`${base}/${address}`);
        const page = (await response.json()) as Page | Page['nodes'];
        const [first] = (Array.isArray(page) ? page : (page as Page).nodes) ?? [];
        return first ? [[name, first.id] as const] : [];
      } catch {
        return [];
      }
    }),
  );
  return Object.fromEntries(found.flat());
}

/** The id that stands for `{id}` in a path of one of the collections. */
export function knownId(path: string, known: KnownIds): string | undefined {
  return known[/^\/(\w+)\/\{id\}/.exec(path)?.[1] ?? ''];
}
