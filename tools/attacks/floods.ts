import { type Attack, flood, missing, unexpected } from './attack.ts';
import type { Target } from './target.ts';
import { codeOf, connections, type Question, type Reply, send, type WayIn } from './ways-in.ts';

/** Requests under way at a time. */
export const AT_A_TIME = 50;
export const LIMITED = '429 RATE_LIMITED';

function said({ status, text }: Reply): string {
  return `${status} ${codeOf(text)}`;
}

export interface FloodOf {
  readonly name: string;
  readonly path: string;
  readonly host: number;
  readonly expected: readonly string[];
  /** An answer that must be among them. */
  readonly must?: string;
  request(index: number, target: Target): Omit<Parameters<typeof send>[1], 'agent'>;
}

/** Sends the same kind of request over many connections of one address, each with another content. */
export function requestFlood(
  { name, path, host, expected, must }: Omit<FloodOf, 'request'>,
  request: FloodOf['request'],
): Attack {
  return {
    name,
    path,
    async run(target, answers) {
      const agent = connections(AT_A_TIME);
      await flood(answers, {
        atATime: AT_A_TIME,
        must,
        once: async (index) => {
          const { headers = {}, ...asked } = request(index, target);
          return said(await send(target, { ...asked, headers: { ...headers, ...target.from(host) }, agent }));
        },
      });
      agent.destroy();
      return unexpected(answers, expected) ?? (must === undefined ? undefined : missing(answers, must));
    },
  };
}

interface AskedOf {
  readonly name: string;
  readonly host: number;
  /** Codes that may come back; `data` for an answer. */
  readonly expected: readonly string[];
  readonly question: (index: number, way: WayIn) => Question;
}

/** Asks on one way in for another operation each time. */
export function askedFlood(way: WayIn, { name, host, expected, question }: AskedOf): Attack {
  return {
    name,
    path: way.name,
    async run(target, answers) {
      const agent = connections(AT_A_TIME);
      await flood(answers, {
        atATime: AT_A_TIME,
        once: async (index) => codeOf((await way.ask(target, question(index, way), { host, agent })).text),
      });
      agent.destroy();
      return unexpected(answers, [...expected, 'RATE_LIMITED', 'cut']);
    },
  };
}
