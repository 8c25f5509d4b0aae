import type { GraphQLError } from 'graphql';

/** What an operation was answered with. */
export interface Answer {
  /** `{"data":…}` in UTF-8, as an answer is sent to which nothing is added; missing when nothing was executed. */
  readonly whole: Buffer | undefined;
  readonly errors: readonly GraphQLError[];
}

/** What stands around the data of an answer to which nothing is added. */
export const [DATA_HEAD, DATA_TAIL] = [Buffer.from('{"data":'), Buffer.from('}')];

/** An answer of data without errors. @param json JSON text */
export function wholeOf(json: string): Buffer {
  return Buffer.from(`{"data":${json}}`);
}

/** The JSON text of an answer's data; undefined when nothing was executed. */
export function dataText({ whole }: Pick<Answer, 'whole'>): string | undefined {
  return whole && dataIn(whole).toString();
}

/** An answer in UTF-8, as it is sent. @param extensions JSON text */
export function answerBytes({ whole, errors }: Answer, extensions?: string): Buffer {
  if (whole && errors.length === 0 && extensions === undefined) return whole;
  const extended = extensions === undefined ? '' : `,"extensions":${extensions}`;
  if (errors.length === 0) return Buffer.concat([DATA_HEAD, whole ? dataIn(whole) : NULL, Buffer.from(`${extended}}`)]);
  const listed = `{"errors":${JSON.stringify(errors)}`;
  if (!whole) return Buffer.from(`${listed}${extended}}`);
  return Buffer.concat([Buffer.from(`${listed},"data":`), dataIn(whole), Buffer.from(`${extended}}`)]);
}

const NULL = Buffer.from('null');

function dataIn(whole: Buffer): Buffer {
  return whole.subarray(DATA_HEAD.length, -DATA_TAIL.length);
}

/**
 * The bytes of an answer, which does not hold them any longer: a promise that grew old while its request waited for a turn keeps what it was resolved with
 * until the next full collection.
 */
export function takeAnswerBytes(answer: Answer): Buffer {
  const bytes = answerBytes(answer);
  (answer as { whole: Buffer | undefined }).whole = undefined;
  return bytes;
}
