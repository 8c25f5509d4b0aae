import { validateHeaderName, validateHeaderValue } from 'node:http';

/** Lines of a head, ready to be sent, of names and values in turn. @throws TypeError on what must not stand in a head */
export function headText(headers: readonly string[]): string {
  let text = '';
  for (let index = 0; index < headers.length; index += 2) {
    const [name = '', value = ''] = headers.slice(index, index + 2);
    validateHeaderName(name);
    validateHeaderValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
