import { isTypeTag } from './shown-types.ts';

/** What an answer is made of, noted while it is made. */
export interface AnswerRecord {
  /** The answer depends on these. */
  add(tags: readonly string[]): void;
  /** Entities that a subgraph was asked about. */
  entities(representations: readonly unknown[]): void;
  /** What it depends on is known; until then, and after `unknown`, it is not kept. */
  known(): void;
  /** It depends on something that no change tells of. */
  unknown(): void;
  /** Who asks was looked at: somebody else might be answered otherwise. */
  personal(): void;
  /** Whether everyone would be answered the same. */
  isForAnyone(): boolean;
  tags(): readonly string[] | undefined;
}

/** An answer of more entities than this depends on all readings. */
const TAGS_MAX = 500;

/** The tag of every reading, of any device. */
export const ANY_READING = 'readings';

export function entityTag(typename: string, id: string): string {
  return `${typename}:${id}`;
}

export function newRecord(): AnswerRecord {
  const tags = new Set<string>();
  let state: 'nothing' | 'known' | 'unknown' = 'nothing';
  let forAnyone = true;
  return {
    add(more) {
      for (const tag of more) tags.add(tag);
    },
    entities(representations) {
      for (const each of representations) {
        const { __typename: typename, id } = each as { __typename?: unknown; id?: unknown };
        // An entity whose key is not `id` cannot be named by what changes it.
        if (typeof typename === 'string' && typeof id === 'string') tags.add(entityTag(typename, id));
        else state = 'unknown';
      }
    },
    known() {
      if (state === 'nothing') state = 'known';
    },
    unknown() {
      state = 'unknown';
    },
    personal() {
      forAnyone = false;
    },
    isForAnyone: () => forAnyone,
    tags() {
      if (state !== 'known') return undefined;
      return tags.size > TAGS_MAX ? [...EVERY_KIND, ...[...tags].filter(isTypeTag)] : [...tags];
    },
  };
}

/** Instead of very many tags: whatever changes of devices, zones or alerts. */
export const EVERY_KIND: readonly string[] = [ANY_READING, 'devices', 'zones', 'alerts'];
