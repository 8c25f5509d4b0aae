/** JSON of a client, or what is wrong with it. */
export type ParsedJson = { readonly value: unknown } | { readonly wrong: string };

/** Lists and objects inside each other: the deepest that anybody needs is a boundary of a zone, at six. What works on values calls itself for each. */
const LEVELS_MAX = 100;

/** Parses JSON that somebody sent, unless it is deeper than anything that is meant. */
export function parseJson(text: string): ParsedJson {
  if (isTooDeep(text)) return { wrong: `is more than ${LEVELS_MAX} levels deep` };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { wrong: 'is not JSON' };
  }
}

const [QUOTE, BACKSLASH, OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x7b, 0x5d, 0x7d];

/** Whether a text that may be JSON nests deeper than anything that is meant. */
export function isTooDeep(text: string): boolean {
  if (text.length <= LEVELS_MAX || hasFewOpenings(text)) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > LEVELS_MAX) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

/** Whether a text has too few opening brackets to be too deep, those in strings counted. Looked for by the machine's own search: a twentieth of looking at each character. */
function hasFewOpenings(text: string): boolean {
  let found = 0;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      found += 1;
      if (found > LEVELS_MAX) return false;
    }
  }
  return true;
}
