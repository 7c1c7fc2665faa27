/**
 * The offsets that a consumer group has committed, for a reader that assigns its partitions itself:
 * no membership, no rebalance. The broker refuses while the group has members.
 */
import { FatalError } from '../model/errors.ts';
import { groupBy } from './group-by.ts';
import { LeaderConnection, type PartitionRef, type ReaderOptions } from './leader-connection.ts';

/** Where a group reads on. */
export interface GroupOffset extends PartitionRef {
  readonly offset: number;
  /** A short text of the reader's own. */
  readonly metadata: string;
}

/** Generation and member of a commit that comes from no member. */
const noGeneration = -1;
const noMember = '';

/** Reads and commits the offsets of one group. */
export class GroupOffsets {
  readonly #leaders: LeaderConnection;
  readonly #groupId: string;

  constructor(options: ReaderOptions, groupId: string) {
    this.#leaders = new LeaderConnection(options);
    this.#groupId = groupId;
  }

  /** Of these partitions, those with a committed offset. */
  fetch(partitions: readonly PartitionRef[], signal?: AbortSignal): Promise<GroupOffset[]> {
    const groupId = this.#groupId;
    return this.#leaders.retried(
      `read the offsets of group "${groupId}"`,
      async () => {
        const broker = await this.#leaders.groupCoordinator(groupId);
        const topics = [...groupBy(partitions, ({ topic }) => topic)].map(([topic, own]) => ({
          topic,
          partitions: own.map(({ partition }) => ({ partition })),
        }));
        const { responses } = await broker.offsetFetch({ groupId, topics });
        return responses.flatMap(({ topic, partitions: found }) =>
          found
            .map(({ partition, offset, metadata }) => ({
              topic,
              partition,
              offset: Number(offset),
              metadata: metadata ?? '',
            }))
            .filter(({ offset }) => offset >= 0),
        );
      },
      signal,
    );
  }

  /**
   * Commits. Idempotent, so it is tried again until the stall time. Throws `consumer.group_in_use`
   * when consumers are members of the group.
   */
  commit(offsets: readonly GroupOffset[], signal?: AbortSignal): Promise<void> {
    const groupId = this.#groupId;
    return this.#leaders.retried(
      `commit the offsets of group "${groupId}"`,
      async () => {
        const broker = await this.#leaders.groupCoordinator(groupId);
        const topics = [...groupBy(offsets, ({ topic }) => topic)].map(([topic, own]) => ({
          topic,
          partitions: own.map(({ partition, offset, metadata }) => ({
            partition,
            offset: String(offset),
            metadata,
          })),
        }));
        try {
          await broker.offsetCommit({
            groupId,
            groupGenerationId: noGeneration,
            memberId: noMember,
            topics,
          });
        } catch (error) {
          throw isOfMembers(error) ? inUse(groupId, error) : error;
        }
      },
      signal,
    );
  }

  /** Cuts the connections; what is under way rejects. */
  close(): void {
    this.#leaders.close();
  }
}

const memberTypes = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS'];

function isOfMembers(error: unknown): boolean {
  return error instanceof Error && memberTypes.includes(String(Reflect.get(error, 'type')));
}

function inUse(groupId: string, cause: unknown): FatalError {
  return new FatalError('consumer.group_in_use', {
    stage: 'publishing',
    message: `Group "${groupId}" has members, so this reader may not commit its offsets. Give each reader a group id of its own.`,
    cause,
    context: { groupId },
  });
}
