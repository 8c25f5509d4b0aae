import type { Answer } from './answer.ts';

/** The platform says every 15 s that it is there. Who hears nothing for longer than this has no connection any more. */
const SILENCE_MS_MAX = 45_000;

/** Events of a response's body, until it says that it is complete. @throws when the connection breaks, or when nothing is heard for 45 s */
export async function* events(response: Response, silenceMsMax = SILENCE_MS_MAX): AsyncGenerator<Answer, void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  let waiting = '';
  try {
    for (;;) {
      const { done, value } = await withinMs(silenceMsMax, reader.read());
      if (done) throw new Error('the connection was closed in the middle of the stream');
      const blocks = (waiting + value).split('\n\n');
      waiting = blocks.pop() ?? '';
      for (const block of blocks) {
        const lines = block.split('\n');
        if (lines.includes('event: complete')) return;
        const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
        if (lines.includes('event: next')) yield JSON.parse(data.join('\n')) as Answer;
      }
    }
  } finally {
    // However it ends, nobody reads this connection any more.
    reader.cancel().catch(() => undefined);
  }
}

/** What a promise resolves to. @throws when it takes longer */
async function withinMs<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing was heard for ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
