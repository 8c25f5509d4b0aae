import type { Clock } from '../clock/port.ts';
import type { TaggedCache, TaggedValue } from './port.ts';

interface Entry extends TaggedValue {
  readonly endsAtMs: number;
  readonly mark: number;
}

/** Values of this process alone: what tests share between two of a kind. */
export function memoryTaggedCache({ clock }: { readonly clock: Clock }): TaggedCache {
  const entries = new Map<string, Entry>();
  const changedAt = new Map<string, number>();
  let everythingAt = 0;
  let count = 0;
  const isGood = (tags: readonly string[], mark: number): boolean =>
    everythingAt <= mark && tags.every((tag) => (changedAt.get(tag) ?? 0) <= mark);
  const close = async (): Promise<void> => undefined;
  return {
    async find(key) {
      const entry = entries.get(key);
      const leftMs = (entry?.endsAtMs ?? 0) - clock.elapsedMs();
      if (entry && leftMs > 0 && isGood(entry.tags, entry.mark))
        return { kind: 'kept', value: entry.value, tags: entry.tags, lifetimeMs: leftMs };
      entries.delete(key);
      return { kind: 'none', mark: String(count) };
    },
    async keep(key, value, mark) {
      if (!isGood(value.tags, Number(mark))) return false;
      entries.set(key, { ...value, endsAtMs: clock.elapsedMs() + value.lifetimeMs, mark: Number(mark) });
      return true;
    },
    change(tags) {
      count += 1;
      if (tags === 'everything') everythingAt = count;
      else for (const tag of tags) changedAt.set(tag, count);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
