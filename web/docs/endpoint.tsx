import { useState } from 'preact/hooks';
import type { KnownIds } from './known-ids.ts';
import { type Endpoint, type OpenApi, type Parameter, resolved, type Schema, sampleOf, typeText } from './open-api.ts';
import { Prose } from './prose.tsx';
import { Code, Sample } from './sample.tsx';
import { addressOf, exampleValues, sampleIn, type Values } from './samples.ts';

const ANSWER_LENGTH_MAX = 20_000;

interface EndpointProps {
  readonly endpoint: Endpoint;
  readonly document: OpenApi;
  readonly known: KnownIds;
}

/** One endpoint: what it takes, what it gives, and a call that can be changed and sent. */
export function EndpointSection({ endpoint, document, known }: EndpointProps) {
  const { method, path, summary, description, deprecated, parameters, requestBody, responses } = endpoint;
  const [values, setValues] = useState<Values>(() => exampleValues(endpoint, known));
  const bodySchema = requestBody?.content['application/json']?.schema;
  const answer = responses['200']?.content ?? {};
  const refusals = Object.entries(responses).filter(([status]) => /^[45]/.test(status));
  return (
    <section class="endpoint" id={endpoint.operationId}>
      <h3>
        <span class={`method ${method.toLowerCase()}`}>{method}</span> <code>{path}</code>
        {deprecated && <span class="deprecated">deprecated</span>}
      </h3>
      <p>
        <strong>{summary}</strong>
      </p>
      {description && <Prose text={description} />}
      <div class="columns">
        <div>
          {parameters.length > 0 && <Parameters {...{ parameters, document, values, setValues }} />}
          {bodySchema && <Fields title="Body" schema={bodySchema} document={document} />}
          {answer['application/json'] && (
            <Fields title="Answer" schema={answer['application/json'].schema} document={document} />
          )}
          {answer['text/csv'] && <p class="csv">CSV. {answer['text/csv'].schema.description}</p>}
          <details>
            <summary>Refusals</summary>
            <ul>
              {refusals.map(([status, refusal]) => (
                <li key={status}>
                  <code>{status}</code> {refusal.description}
                </li>
              ))}
            </ul>
          </details>
          <details>
            <summary>The operation behind it</summary>
            <p>
              The same over GraphQL: <code>/graphql/{endpoint['x-graphql'].id}</code>
            </p>
            <Code text={endpoint['x-graphql'].text} />
          </details>
        </div>
        <Call endpoint={endpoint} document={document} values={values} />
      </div>
    </section>
  );
}

interface ParametersProps {
  readonly parameters: readonly Parameter[];
  readonly document: OpenApi;
  readonly values: Values;
  readonly setValues: (values: Values) => void;
}

function Parameters({ parameters, document, values, setValues }: ParametersProps) {
  return (
    <table>
      <caption>Parameters</caption>
      <tbody>
        {parameters.map((parameter) => (
          <tr key={parameter.name}>
            <th scope="row">
              <code>{parameter.name}</code>
              {parameter.required && <span class="required"> required</span>}
            </th>
            <td>
              <ParameterInput
                {...{ parameter, document }}
                value={values[parameter.name] ?? ''}
                change={(value) => setValues({ ...values, [parameter.name]: value })}
              />
              <ParameterText parameter={parameter} document={document} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ParameterText({ parameter, document }: { readonly parameter: Parameter; readonly document: OpenApi }) {
  const schema = resolved(parameter.schema, document);
  const said = parameter.description ?? (schema.enum ? schema.description?.split('\n')[0] : undefined);
  return (
    <>
      <span class="type">
        {typeText(parameter.schema, document)}
        {schema.default !== undefined && `; ${String(schema.default)} when left out`}
      </span>
      {said && <Prose text={said} />}
    </>
  );
}

interface InputProps {
  readonly parameter: Parameter;
  readonly document: OpenApi;
  readonly value: string;
  readonly change: (value: string) => void;
}

function ParameterInput({ parameter, document, value, change }: InputProps) {
  const { enum: choices } = resolved(parameter.schema, document);
  const label = `Value of ${parameter.name}`;
  if (!choices)
    return <input aria-label={label} value={value} onInput={(event) => change(event.currentTarget.value)} />;
  return (
    <select aria-label={label} value={value} onChange={(event) => change(event.currentTarget.value)}>
      <option value="">–</option>
      {choices.map((choice) => (
        <option key={choice}>{choice}</option>
      ))}
    </select>
  );
}

function Fields({
  title,
  schema,
  document,
}: {
  readonly title: string;
  readonly schema: Schema;
  readonly document: OpenApi;
}) {
  const top = resolved(schema, document);
  const { properties = {} } = top.type === 'array' && top.items ? resolved(top.items, document) : top;
  return (
    <details>
      <summary>
        {title}
        {top.type === 'array' && ': a list of'}
      </summary>
      <dl>
        {Object.entries(properties).map(([name, property]) => {
          const { description, nullable } = resolved(property, document);
          return [
            <dt key={name}>
              <code>{name}</code> {nullable && <span class="type">may be null</span>}
            </dt>,
            <dd key={`${name} text`}>{description && <Prose text={description} />}</dd>,
          ];
        })}
      </dl>
      <Code text={JSON.stringify(sampleOf(schema, document), null, 2)} />
    </details>
  );
}

interface CallProps {
  readonly endpoint: Endpoint;
  readonly document: OpenApi;
  readonly values: Values;
}

function Call({ endpoint, document, values }: CallProps) {
  const [answer, setAnswer] = useState<string>();
  const address = addressOf(endpoint, values, document.servers[0]?.url ?? '');
  const bodySchema = endpoint.requestBody?.content['application/json']?.schema;
  const body = bodySchema ? JSON.stringify(sampleOf(bodySchema, document)) : undefined;
  const needsToken = !endpoint.security.some((way) => Object.keys(way).length === 0);
  const call = { method: endpoint.method, url: location.origin + address, body, needsToken };
  const send = async (): Promise<void> => {
    const response = await fetch(address);
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    const shown = json ? JSON.stringify(JSON.parse(text), null, 2) : text;
    const cut = shown.length > ANSWER_LENGTH_MAX ? `${shown.slice(0, ANSWER_LENGTH_MAX)}\n…` : shown;
    setAnswer(`${response.status} ${response.statusText}\n\n${cut}`);
  };
  return (
    <div class="call">
      <Sample title={endpoint.summary} textIn={(language) => sampleIn(language, call)} />
      {endpoint.method === 'GET' && (
        <button type="button" class="send" onClick={() => void send().catch((error) => setAnswer(String(error)))}>
          Send
        </button>
      )}
      <div aria-live="polite">{answer !== undefined && <Code text={answer} name="answer" />}</div>
    </div>
  );
}
