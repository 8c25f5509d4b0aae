/** `npm run dead-letters -- list|replay`: what was refused, and another try. */
import { parseArgs } from 'node:util';
import { DEAD_LETTER_REASONS } from '@greencity/schema/events/reading';
import { openApi } from '../operator/api.ts';
import { runProgram } from '../operator/program.ts';
import { findPlatform, positive, UsageError, WHERE_OPTIONS, WHERE_USAGE } from '../operator/where.ts';
import { LETTERS_MAX, letterText, listDeadLetters, replayDeadLetters } from './dead-letters.ts';

const FAILED = 1;
const USAGE = `Usage: npm run dead-letters -- list [--reason REASON] [--first N]
       npm run dead-letters -- replay [--reason REASON] [--first N]

list shows refused readings, newest first. replay sends them through validation again, for example once their device has
been registered; what is still wrong is refused again, with its reason. The letters stay until the log expires them.

  --reason REASON   only these: ${DEAD_LETTER_REASONS.join(' ')}
  --first N         how many of the newest, up to ${LETTERS_MAX} (list 50, replay ${LETTERS_MAX})
${WHERE_USAGE}`;

function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { ...WHERE_OPTIONS, reason: { type: 'string' }, first: { type: 'string' } },
  });
  const [task, ...more] = positionals;
  if ((task !== 'list' && task !== 'replay') || more.length > 0)
    throw new UsageError('Say what to do: list or replay.');
  const first = values.first === undefined ? (task === 'list' ? 50 : LETTERS_MAX) : positive('first', values.first);
  if (!Number.isInteger(first) || first > LETTERS_MAX)
    throw new UsageError(`--first must be a whole number up to ${LETTERS_MAX}.`);
  const reason = values.reason?.toUpperCase();
  if (reason !== undefined && !DEAD_LETTER_REASONS.some((known) => known === reason)) {
    throw new UsageError(`--reason "${values.reason}" is none of ${DEAD_LETTER_REASONS.join(', ')}.`);
  }
  return { task, first, reason, where: values };
}

await runProgram({
  usage: USAGE,
  async run(args) {
    const { task, first, reason, where } = readArguments(args);
    const { url, credentials } = findPlatform(where, process.env);
    const api = openApi(url, credentials);
    const letters = await listDeadLetters(api, first, reason);
    if (letters.length === 0) {
      process.stdout.write('No dead letters.\n');
      return 0;
    }
    if (task === 'list') {
      process.stdout.write(`${letters.map(letterText).join('\n')}\n`);
      return 0;
    }
    const { replayed, refused } = await replayDeadLetters(api, letters);
    const again = [...refused].map(([name, count]) => `${name} ${count}`).join(', ');
    process.stdout.write(`${replayed} of ${letters.length} taken.${again ? ` Refused again: ${again}.` : ''}\n`);
    return refused.size > 0 ? FAILED : 0;
  },
});
