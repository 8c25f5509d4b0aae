/** Whether a function may read its parameter of this number: false only where its text shows that it cannot. */
export function mayRead(given: unknown, parameter: number): boolean {
  if (typeof given !== 'function' || given.length > parameter) return true;
  const text = Function.prototype.toString.call(given);
  if (/\[native code\]|\barguments\b|\beval\b|\.\.\./.test(text)) return true;
  // Parameters after one with a default are not counted in `length`.
  return parametersOf(text).includes('=');
}

/** Up to the end of the parameters; the whole text where there is no such end. */
function parametersOf(text: string): string {
  const start = text.indexOf('(');
  const arrow = text.indexOf('=>');
  if (arrow >= 0 && (start < 0 || arrow < start)) return '';
  let depth = 0;
  for (let at = start; at >= 0 && at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(start, at);
  }
  return text;
}
