import { type KnownIds, knownId } from './known-ids.ts';
import type { Endpoint } from './open-api.ts';

/** Values of parameters by name, as typed into the page. */
export type Values = Readonly<Record<string, string>>;

/** Values that the reference begins with: the examples of what must be given, and an id that this city has. */
export function exampleValues({ path, parameters }: Pick<Endpoint, 'path' | 'parameters'>, known: KnownIds): Values {
  const id = knownId(path, known);
  return Object.fromEntries(
    parameters.flatMap(({ name, required, example, in: place }) => {
      const text = Array.isArray(example) ? example.join(',') : example;
      if (place === 'path' && id !== undefined) return [[name, id]];
      return required && text !== undefined ? [[name, String(text)]] : [];
    }),
  );
}

/** Also without quotes, which would end the text of a sample. */
const encoded = (value: string): string => encodeURIComponent(value).replaceAll("'", '%27');

/** The address of a call, from the root of the host. */
export function addressOf(
  { path, parameters }: Pick<Endpoint, 'path' | 'parameters'>,
  values: Values,
  base: string,
): string {
  const filled = path.replace(/\{(\w+)\}/g, (whole, name: string) => (values[name] ? encoded(values[name]) : whole));
  const search = parameters
    .filter((parameter) => parameter.in === 'query' && (values[parameter.name] ?? '') !== '')
    .map(
      ({ name }) =>
        `${name}=${encoded(values[name] ?? '')
          .replaceAll('%2C', ',')
          .replaceAll('%3A', ':')}`,
    );
  return `${base}${filled}${search.length > 0 ? `?${search.join('&')}` : ''}`;
}

/** Languages that a sample is shown in. */
export const LANGUAGES = ['curl', 'JavaScript', 'Python'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Call {
  readonly method: string;
  /** With scheme and host. */
  readonly url: string;
  /** JSON text, where the call has a body. */
  readonly body: string | undefined;
  readonly needsToken: boolean;
}

/** A call as source text. Nothing but what the language brings along is needed. */
export function sampleIn(language: Language, call: Call): string {
  switch (language) {
    case 'curl':
      return curl(call);
    case 'JavaScript':
      return javaScript(call);
    case 'Python':
      return python(call);
  }
}

function curl({ method, url, body, needsToken }: Call): string {
  return [
    `curl -s${method === 'GET' ? '' : ` -X ${method}`} '${url}'`,
    ...(needsToken ? [`-H "authorization: Bearer $TOKEN"`] : []),
    ...(body === undefined ? [] : [`-H 'content-type: application/json'`, `-d '${body}'`]),
  ].join(' \\\n  ');
}

function javaScript({ method, url, body, needsToken }: Call): string {
  const headers = [
    ...(needsToken ? ["authorization: 'Bearer ' + process.env.TOKEN"] : []),
    ...(body === undefined ? [] : [`'content-type': 'application/json'`]),
  ];
  const options = [
    ...(method === 'GET' ? [] : [`method: '${method}'`]),
    ...(headers.length > 0 ? [`headers: { ${headers.join(', ')} }`] : []),
    ...(body === undefined ? [] : [`body: JSON.stringify(${body})`]),
  ];
  const given = options.length > 0 ? `, {\n  ${options.join(',\n  ')},\n}` : '';
  return `const response = await fetch('${url}'${given});\nif (!response.ok) throw new Error(await response.text());\nconsole.log(await response.text());`;
}

function python({ method, url, body, needsToken }: Call): string {
  const headers = [
    ...(needsToken ? ['"Authorization": "Bearer " + os.environ["TOKEN"]'] : []),
    ...(body === undefined ? [] : ['"Content-Type": "application/json"']),
  ];
  const more = [
    ...(body === undefined ? [] : [`data=b'${body}'`]),
    ...(headers.length > 0 ? [`headers={${headers.join(', ')}}`] : []),
    ...(method === 'GET' ? [] : [`method="${method}"`]),
  ];
  return `${needsToken ? 'import os\n' : ''}from urllib.error import HTTPError\nfrom urllib.request import Request, urlopen\n\nrequest = Request("${url}"${more.map((part) => `, ${part}`).join('')})\ntry:\n    print(urlopen(request).read().decode())\nexcept HTTPError as refusal:\n    raise SystemExit(refusal.read().decode())`;
}
