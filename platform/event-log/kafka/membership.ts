/** Which partitions a consumer has: those that its group gives it, or all of them. */
import { Consumer } from '@platformatic/kafka';
import type { Clock } from '../../clock/port.ts';
import type { Logger } from '../../log/port.ts';
import { clientOptions, detailOf, type KafkaConnection, steady } from './connection.ts';

/** A member that is silent for so long is taken for dead, and its partitions go to the others. */
const SESSION_MS = 15_000;
const HEARTBEAT_MS = 2_000;
const REBALANCE_MS = 30_000;
const NOTHING = Buffer.alloc(0);
const RETRY_DELAY_FIRST_MS = 200;
const RETRY_DELAY_MAX_MS = 10_000;

export interface Membership {
  /** Where the group stands; undefined where it has never been. */
  committed(partitions: readonly number[]): Promise<ReadonlyMap<number, number>>;
  /** @param offsets next offset of each partition */
  commit(offsets: ReadonlyMap<number, number>): Promise<void>;
  leave(): Promise<void>;
}

export interface MembershipOptions {
  readonly connection: KafkaConnection;
  /** As the cluster knows them. */
  readonly group: string;
  readonly topic: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called before the group gives out its partitions: until it resolves, those of this member are its own. */
  readonly beforeAssigned: () => Promise<void>;
  /** Called with each assignment. @param continued false when others may have had the same partitions in between */
  readonly onAssigned: (partitions: readonly number[], continued: boolean) => void;
}

/** Joins a group; resolves when it has given this member its partitions. */
export async function joinGroup(options: MembershipOptions): Promise<Membership> {
  const { connection, group, topic, clock, log, signal, beforeAssigned, onAssigned } = options;
  const member = steady(
    new Consumer({
      ...clientOptions(connection),
      groupId: group,
      autocommit: false,
      sessionTimeout: SESSION_MS,
      rebalanceTimeout: REBALANCE_MS,
      heartbeatInterval: HEARTBEAT_MS,
      // The client would join again in the middle of a commit: that waits for the consumer to stand still, which waits for the commit, and who joins after it failed is nobody.
      retries: 0,
      // What a member tells of itself when it joins. We have nothing to tell; but the group waits for it, and so for what we do before.
      protocolsMetadata: async () => {
        await beforeAssigned();
        return NOTHING;
      },
    }),
  );
  member.topics.track(topic);
  let knownAs: string | undefined;
  let joining: Promise<void> | undefined;

  async function join(): Promise<void> {
    for (let delayMs = RETRY_DELAY_FIRST_MS; !signal.aborted; delayMs = Math.min(delayMs * 2, RETRY_DELAY_MAX_MS)) {
      try {
        await member.joinGroup({});
        return;
      } catch (error) {
        log.warn({ group, retryDelayMs: delayMs, detail: detailOf(error) }, 'group not joined, will try again');
      }
      await clock.sleep(delayMs, signal);
    }
  }
  /** The client joins again by itself when a heartbeat tells it to, once; what then fails, or stands still, is ours to begin anew. */
  const rejoin = () => {
    joining ??= join().finally(() => {
      joining = undefined;
    });
    return joining;
  };
  member.on('consumer:group:join', ({ memberId, assignments }) => {
    const partitions = assignments?.filter((one) => one.topic === topic).flatMap((one) => one.partitions) ?? [];
    onAssigned(partitions, knownAs === memberId);
    knownAs = memberId;
  });
  member.on('error', () => void rejoin());
  member.on('consumer:heartbeat:stalled', () => void rejoin());
  await rejoin();
  return {
    async committed(partitions) {
      if (partitions.length === 0) return new Map();
      const found = await member.listCommittedOffsets({ topics: [{ topic, partitions: [...partitions] }] });
      const offsets = found.get(topic) ?? [];
      const known = partitions.map((partition): [number, number] => [partition, Number(offsets[partition] ?? -1n)]);
      return new Map(known.filter(([, offset]) => offset >= 0));
    },
    async commit(offsets) {
      const places = [...offsets].map(([partition, offset]) => ({
        topic,
        partition,
        offset: BigInt(offset),
        leaderEpoch: -1,
      }));
      if (places.length > 0) await member.commit({ offsets: places });
    },
    async leave() {
      await joining;
      try {
        await member.leaveGroup();
      } catch (error) {
        // The group takes us for dead after a while, and goes on without us.
        log.debug({ group, detail: detailOf(error) }, 'group not told that a member left');
      }
      await member.close(true).catch(() => undefined);
    },
  };
}
