/** Who asked for which topics, and the retained messages they are given first. */

/** Whether a filter is well formed: `#` only as the last level, `+` only as a whole level (section 4.7.1). */
export function isFilter(filter: string): boolean {
  if (filter.length === 0) return false;
  const levels = filter.split('/');
  return levels.every(
    (level, index) => level === '+' || (level === '#' && index === levels.length - 1) || !/[+#]/.test(level),
  );
}

/** Whether a topic matches a filter. Topics that begin with `$` are not matched by a wildcard in first place. */
export function matches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  const wanted = filter.split('/');
  const given = topic.split('/');
  if (topic.startsWith('$') && (wanted[0] === '+' || wanted[0] === '#')) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (level !== '+' && level !== given[index]) return false;
    if (given[index] === undefined) return false;
  }
  return wanted.length === given.length;
}

export type Qos = 0 | 1;

export interface Subscriptions<S> {
  /** Changes with each subscription, so that an answer of `of` can be kept until then. */
  readonly version: number;
  add(subscriber: S, filter: string, qos: Qos): void;
  remove(subscriber: S, filter: string): void;
  /** Subscribers of a topic with the highest QoS they asked for. */
  of(topic: string): ReadonlyMap<S, Qos>;
}

/** The levels before the first wildcard: filters are looked up by them, so that thousands of devices that each watch their own topics cost nothing. */
function literalPrefix(filter: string): string | undefined {
  const at = filter.search(/(^|\/)[+#]/);
  return at < 0 ? undefined : filter.slice(0, at);
}

function* prefixes(topic: string): Generator<string> {
  yield '';
  for (let at = topic.indexOf('/'); at >= 0; at = topic.indexOf('/', at + 1)) yield topic.slice(0, at);
  yield topic;
}

function entryOf<K, V>(outer: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const known = outer.get(key);
  if (known) return known;
  const made = new Map<K, V>();
  outer.set(key, made);
  return made;
}

export function subscriptionIndex<S>(): Subscriptions<S> {
  const exact = new Map<string, Map<S, Qos>>();
  const wild = new Map<string, Map<string, Map<S, Qos>>>();
  let version = 0;

  function holder(filter: string): Map<string, Map<S, Qos>> {
    const prefix = literalPrefix(filter);
    if (prefix === undefined) return exact;
    return entryOf(wild, prefix);
  }

  return {
    get version() {
      return version;
    },
    add(subscriber, filter, qos) {
      const filters = holder(filter);
      entryOf(filters, filter).set(subscriber, qos);
      version += 1;
    },
    remove(subscriber, filter) {
      const filters = holder(filter);
      const subscribers = filters.get(filter);
      if (!subscribers?.delete(subscriber)) return;
      version += 1;
      if (subscribers.size > 0) return;
      filters.delete(filter);
      if (filters !== exact && filters.size === 0) wild.delete(literalPrefix(filter) ?? '');
    },
    of(topic) {
      const found = new Map<S, Qos>();
      const take = (subscribers: ReadonlyMap<S, Qos>) => {
        for (const [subscriber, qos] of subscribers) if (found.get(subscriber) !== 1) found.set(subscriber, qos);
      };
      const named = exact.get(topic);
      if (named) take(named);
      if (wild.size === 0) return found;
      for (const prefix of prefixes(topic)) {
        for (const [filter, subscribers] of wild.get(prefix) ?? []) if (matches(filter, topic)) take(subscribers);
      }
      return found;
    },
  };
}

export interface RetainedMessages {
  /** Keeps the newest message of a topic; an empty payload removes it. False when there is no room for another topic. */
  keep(topic: string, payload: Uint8Array): boolean;
  matching(filter: string): readonly { readonly topic: string; readonly payload: Uint8Array }[];
}

/** @param topicsMax topics that may hold a message at once */
export function retainedMessages(topicsMax: number): RetainedMessages {
  const byTopic = new Map<string, Uint8Array>();
  return {
    keep(topic, payload) {
      if (payload.length === 0) byTopic.delete(topic);
      else if (byTopic.has(topic) || byTopic.size < topicsMax) byTopic.set(topic, Uint8Array.from(payload));
      else return false;
      return true;
    },
    matching(filter) {
      const exact = byTopic.get(filter);
      if (literalPrefix(filter) === undefined) return exact ? [{ topic: filter, payload: exact }] : [];
      return [...byTopic].flatMap(([topic, payload]) => (matches(filter, topic) ? [{ topic, payload }] : []));
    },
  };
}
