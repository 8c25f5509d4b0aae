import { describe, expect, it } from 'vitest';
import { type Gap, type Going, goingOn, type SubscribeOptions } from './going-on.ts';
import { GreenCityError } from './graph-error.ts';

const next = (payload: unknown) => `event: next\ndata: ${JSON.stringify(payload)}\n\n`;
const event = (n: number, extensions: object = { cursor: `c${n}` }) => next({ data: { n }, extensions });
const refusal = (code: string) => ({ errors: [{ message: code, extensions: { code } }] });
const COMPLETE = 'event: complete\ndata:\n\n';

/** A stream of these chunks, however they are cut, that then breaks off. */
const stream = (...chunks: readonly string[]) =>
  new Response(ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk))), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  });

/** A subscription whose connections are these, one after the other; the loop ends when there are no more. */
async function over(
  connections: readonly (() => Response)[],
  options: SubscribeOptions & { readonly renewable?: boolean } = {},
) {
  const starts: Going[] = [];
  const given: unknown[] = [];
  const gaps: Gap[] = [];
  const states: string[] = [];
  const end = new AbortController();
  const loop = goingOn<unknown>(
    async (start) => {
      starts.push(start);
      const connection = connections[starts.length - 1];
      if (connection) return connection();
      end.abort();
      throw new Error('the test is over');
    },
    {
      ...{ renewable: false, retryMs: 1, signal: end.signal, onGap: (gap: Gap) => void gaps.push(gap), ...options },
      onConnection: (state) => void states.push(state),
    },
  );
  let error: unknown;
  try {
    for await (const data of loop) given.push(data);
  } catch (thrown) {
    error = thrown;
  }
  return { starts, given, gaps, states, error };
}

describe('a subscription', () => {
  it('gives each event, however the stream is cut', async () => {
    const { given } = await over([
      () => stream(':\n\nevent: next\nda', 'ta: {"data":{"n":1}}\n', `\n${event(2)}`, COMPLETE),
    ]);
    expect(given).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('goes on after its last event when the connection breaks, and when the platform stops', async () => {
    const { starts, given, states, gaps } = await over([
      () => stream(event(1)),
      () => stream(event(2), COMPLETE),
      () => stream(event(3)),
    ]);
    expect(given).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(starts).toEqual([{}, { cursor: 'c1' }, { cursor: 'c2' }, { cursor: 'c3' }]);
    expect(states.slice(0, 3)).toEqual(['open', 'lost', 'open']);
    expect(gaps).toEqual([]);
  });

  it('opens the connection again while the platform starts', async () => {
    const starting = () => Response.json({ title: 'This process is starting.', code: 'UNAVAILABLE' }, { status: 503 });
    const { given } = await over([() => stream(event(1)), starting, starting, () => stream(event(2))]);
    expect(given).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('throws the error of its first connection, and what is refused for good', async () => {
    const gone = () => {
      throw new GreenCityError([{ message: 'away', extensions: { code: 'UNREACHABLE' } }]);
    };
    expect((await over([gone])).error).toMatchObject({ code: 'UNREACHABLE' });
    const refused = () => Response.json(refusal('FORBIDDEN'), { status: 403 });
    expect((await over([() => stream(event(1)), refused])).error).toMatchObject({ code: 'FORBIDDEN' });
    const broken = await over([() => stream(event(1))], { reconnect: false });
    expect(broken).toMatchObject({ given: [{ n: 1 }], error: { message: expect.stringContaining('closed') } });
  });

  it('asks for a token once more when it has ended, where a function gives it', async () => {
    const ended = () => stream(event(1), next(refusal('UNAUTHENTICATED')), COMPLETE);
    const renewed = await over([ended, () => stream(event(2))], { renewable: true });
    expect(renewed.given).toEqual([{ n: 1 }, { n: 2 }]);
    expect((await over([ended])).error).toMatchObject({ code: 'UNAUTHENTICATED' });
    const still = () => Response.json(refusal('UNAUTHENTICATED'), { status: 401 });
    expect((await over([ended, still], { renewable: true })).error).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('tells of a gap when what was missed is not kept any more, and goes on', async () => {
    const expired = () => Response.json(refusal('CURSOR_EXPIRED'), { status: 410 });
    const { starts, given, gaps } = await over([() => stream(event(1)), expired, () => stream(event(2))]);
    expect(given).toEqual([{ n: 1 }, { n: 2 }]);
    expect(starts.slice(0, 3)).toEqual([{}, { cursor: 'c1' }, {}]);
    expect(gaps).toHaveLength(1);
    const silent = await over([() => stream(event(1)), expired], { onGap: undefined });
    expect(silent.error).toMatchObject({ code: 'CURSOR_EXPIRED' });
  });

  it('tells of a gap that the platform tells of, and of a break before the first event', async () => {
    const gap = { from: '2026-11-24T10:00:00.000Z', to: '2026-11-24T10:00:07.250Z' };
    const told = await over([() => stream(event(1, { gap }))]);
    expect(told.gaps[0]).toEqual({ from: new Date(gap.from), to: new Date(gap.to) });
    expect((await over([() => stream(':\n\n'), () => stream(event(1))])).gaps).toHaveLength(1);
  });

  it('begins with the present where that is asked for, and says which events are of it', async () => {
    const seen: unknown[] = [];
    const empty = next({ data: null, extensions: { snapshot: true, cursor: 'c0' } });
    const { starts, given } = await over([() => stream(empty, event(1))], {
      snapshot: true,
      onEvent: (told) => void seen.push(told),
    });
    expect(given).toEqual([{ n: 1 }]);
    expect(starts).toEqual([{ snapshot: true }, { snapshot: true, cursor: 'c1' }]);
    expect(seen).toEqual([
      { cursor: 'c0', snapshot: true },
      { cursor: 'c1', snapshot: false },
    ]);
  });

  it('gives an event of which a part could not be answered, and tells of the errors', async () => {
    const errors: unknown[] = [];
    const partly = next({ data: { n: 1, forecast: null }, ...refusal('UNAVAILABLE') });
    const { given } = await over([() => stream(partly)], { onErrors: (told) => void errors.push(...told) });
    expect(given).toEqual([{ n: 1, forecast: null }]);
    expect(errors).toHaveLength(1);
  });

  it('closes its connection when the loop is left', async () => {
    let ends: AbortSignal | undefined;
    const loop = goingOn(
      async (_, signal) => {
        ends = signal;
        return stream(event(1), event(2));
      },
      { renewable: false },
    );
    for await (const _ of loop) break;
    expect(ends?.aborted).toBe(true);
  });

  it('ends quietly when its signal is aborted', async () => {
    const controller = new AbortController();
    const loop = goingOn(async () => stream(event(1), event(2)), { renewable: false, signal: controller.signal });
    const given: unknown[] = [];
    for await (const data of loop) {
      given.push(data);
      controller.abort();
    }
    expect(given).toEqual([{ n: 1 }]);
  });
});
