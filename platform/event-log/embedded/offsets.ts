/** Where each consumer group stands, in one small file that is replaced as a whole. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.ts';
import type { Topic } from '../port.ts';
import { type OpenFile, writeAll, writeError } from './log-file.ts';

export interface Offsets {
  /** Next offset that a group handles, or undefined for a group that is new to the topic. */
  of(group: string, topic: Topic): number | undefined;
  /** The furthest that any group has handled of a topic. */
  furthest(topic: Topic): number;
  /** Resolves when the offset is durable; commits that arrive together are written together. @throws AppError LOG_UNWRITABLE, LOG_FULL */
  commit(group: string, topic: Topic, nextOffset: number): Promise<void>;
}

type Committed = Record<string, Partial<Record<Topic, number>>>;

async function load(path: string): Promise<Committed> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new AppError('LOG_UNWRITABLE', path, { cause });
  }
  try {
    return (JSON.parse(text) as { groups: Committed }).groups;
  } catch (cause) {
    throw new AppError('LOG_CORRUPT', path, { cause });
  }
}

/** The offsets kept in a folder. @throws AppError LOG_CORRUPT when their file is no longer readable */
export async function openOffsets(folder: string, openFile: OpenFile): Promise<Offsets> {
  const path = join(folder, 'offsets.json');
  const groups = await load(path);
  let writing: Promise<void> | undefined;
  let following: Promise<void> | undefined;

  async function write(): Promise<void> {
    const source = Buffer.from(`${JSON.stringify({ v: 1, groups }, undefined, 1)}\n`);
    try {
      const file = await openFile(`${path}.tmp`, 'w');
      try {
        await writeAll(file, { source, bytes: source.length, position: 0 });
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(`${path}.tmp`, path);
    } catch (cause) {
      throw writeError(path, cause);
    }
  }

  /** At most one write runs and one waits; the waiting one takes along all that was committed meanwhile. */
  function save(): Promise<void> {
    if (!writing) {
      writing = write().finally(() => {
        writing = undefined;
      });
      return writing;
    }
    following ??= writing
      .catch(() => undefined)
      .then(() => {
        following = undefined;
        return save();
      });
    return following;
  }

  return {
    of: (group, topic) => groups[group]?.[topic],
    furthest: (topic) => Math.max(0, ...Object.values(groups).map((offsets) => offsets[topic] ?? 0)),
    async commit(group, topic, nextOffset) {
      const offsets = groups[group] ?? {};
      groups[group] = offsets;
      offsets[topic] = nextOffset;
      await save();
    },
  };
}
