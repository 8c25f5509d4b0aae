import { AppError } from '@greencity/platform/errors';
import type { SubgraphExecutor } from '../subgraph/port.ts';
import type { EventPlan } from './event-answers.ts';
import { openRelay, type Relay, type RelayDependencies, release, type Source } from './relay.ts';

export interface UpstreamDependencies extends RelayDependencies {
  readonly subgraphs: SubgraphExecutor;
}

/** The live events of one group. */
export interface Upstream {
  /** Resolves when no later event can be missed. @throws whatever the subgraph refused with */
  start(plan: EventPlan): Promise<void>;
  /**
   * Takes the events by another plan from now on. Resolves when they are listened to, or their subgraph is away: then the old ones go on until it is back.
   * @throws whatever the subgraph refused with
   */
  moveTo(plan: EventPlan): Promise<void>;
  close(): void;
}

/** Wait before a subgraph that is away is asked again for the events by another plan. */
const AGAIN_MS = 1_000;

export function openUpstream(dependencies: UpstreamDependencies): Upstream {
  const { subgraphs, clock, ended } = dependencies;
  let relay: Relay | undefined;
  /** The move that was asked for last. */
  let wanted = new AbortController();
  let open = true;

  const subscribe = async (plan: EventPlan, { signal }: AbortController): Promise<Source | undefined> => {
    const { prepared, subgraph } = plan.events;
    const events = await prepared.subscribe(plan.eventVariables, subgraphs.context(subgraph, plan.viewer));
    if (open && !signal.aborted) return { plan, events };
    release(events);
    return undefined;
  };
  /** False while the subgraph is away. */
  const move = async (plan: EventPlan, wish: AbortController): Promise<boolean> => {
    try {
      const to = await subscribe(plan, wish);
      if (to) relay?.takeOver(to);
      return true;
    } catch (error) {
      if (isAway(error) && open) return false;
      throw error;
    }
  };
  const moveLater = async (plan: EventPlan, wish: AbortController): Promise<void> => {
    do await clock.sleep(AGAIN_MS, wish.signal);
    while (!wish.signal.aborted && !(await move(plan, wish)));
  };
  return {
    async start(plan) {
      const first = await subscribe(plan, wanted);
      if (first) relay = openRelay(first, dependencies);
    },
    async moveTo(plan) {
      wanted.abort();
      const wish = new AbortController();
      wanted = wish;
      if (await move(plan, wish)) return;
      void moveLater(plan, wish).catch((error: unknown) => open && ended({ error }));
    },
    close() {
      open = false;
      wanted.abort();
      relay?.close();
    },
  };
}

function isAway(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNAVAILABLE';
}
