/** The TypeScript SDK: a typed function for each operation that is promised to clients, and the registration of these. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operationId } from '@greencity/gateway/operations/release';
import { ERRORS } from '@greencity/platform/errors';
import { Kind, type OperationDefinitionNode, parse } from 'graphql';
import type { GeneratedFile } from './web-registration.ts';

const FILES = ['queries', 'mutations', 'subscriptions'] as const;
/** The contract never changes; were it to be added to, the release would stay the same. */
export const CONTRACT_FOLDER = 'schema/operations/contract/1';

export interface ContractOperation {
  readonly name: string;
  readonly kind: OperationDefinitionNode['operation'];
  readonly text: string;
  /** Whether a call needs variables. */
  readonly variables: 'none' | 'optional' | 'required';
}

/** The operations of the contract, each in its own words. */
export function contractOperations(root: string): readonly ContractOperation[] {
  return FILES.flatMap((file) => {
    const source = readFileSync(join(root, `schema/golden/contract/${file}.graphql`), 'utf8');
    return parse(source).definitions.map((definition) => {
      if (definition.kind !== Kind.OPERATION_DEFINITION) throw new Error('the contract holds operations only');
      const variables = definition.variableDefinitions ?? [];
      const needed = variables.some(({ type, defaultValue }) => type.kind === Kind.NON_NULL_TYPE && !defaultValue);
      return {
        name: definition.name?.value ?? '',
        kind: definition.operation,
        text: source.slice(definition.loc?.start, definition.loc?.end),
        variables: variables.length === 0 ? 'none' : needed ? 'required' : 'optional',
      };
    });
  });
}

/** The registration of the contract's operations. */
export function contractRegistration(operations: readonly ContractOperation[]): readonly GeneratedFile[] {
  return operations.map(({ name, text }) => ({
    path: `${CONTRACT_FOLDER}/${fileName(name)}.graphql`,
    content: `${text}\n`,
  }));
}

function fileName(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

/** `sdk/generated/api.ts`: the functions, over the types that GraphQL Code Generator makes beside it. */
export function sdkModule(operations: readonly ContractOperation[]): string {
  const typeOf = ({ name, kind }: ContractOperation) => `${name}${kind[0]?.toUpperCase()}${kind.slice(1)}`;
  const types = operations.flatMap((operation) => [
    typeOf(operation),
    ...(operation.variables === 'none' ? [] : [`${typeOf(operation)}Variables`]),
  ]);
  const methodOf = ({ name }: ContractOperation) => `${name[0]?.toLowerCase()}${name.slice(1)}`;
  const signature = (operation: ContractOperation): string => {
    const { variables, kind } = operation;
    const question = variables === 'optional' ? '?' : '';
    const more = `options?: ${kind === 'subscription' ? 'SubscribeOptions' : 'CallOptions'}`;
    const given = variables === 'none' ? more : `variables${question}: ${typeOf(operation)}Variables, ${more}`;
    const result = typeOf(operation);
    return `  ${methodOf(operation)}(${given}): ${kind === 'subscription' ? `AsyncGenerator<${result}, void, undefined>` : `Promise<${result}>`};\n`;
  };
  const method = (operation: ContractOperation): string => {
    const { variables, kind, text } = operation;
    const given = variables === 'none' ? 'options' : `variables${variables === 'optional' ? ' = {}' : ''}, options`;
    const call = kind === 'subscription' ? 'subscribe' : 'call';
    const passed = variables === 'none' ? '{}' : 'variables';
    return `    ${methodOf(operation)}: (${given}) =>\n      transport.${call}({ kind: '${kind}', id: '${operationId(text)}' }, ${passed}, options),\n`;
  };
  return [
    "import type { SubscribeOptions } from '../going-on.ts';\n",
    "import type { CallOptions, Transport } from '../transport.ts';\n",
    `import type {\n${types
      .toSorted()
      .map((type) => `  ${type},\n`)
      .join('')}} from './operations.ts';\n\n`,
    '/** Operations promised to clients: queries and mutations give their data, subscriptions an event at a time. */\n',
    `export interface Api {\n${operations.map(signature).join('')}}\n\n`,
    '/** The functions over a transport. */\n',
    `export function apiOf(transport: Transport): Api {\n  return {\n${operations.map(method).join('')}  };\n}\n`,
  ].join('');
}

/** `sdk/generated/error-codes.ts`: the codes that a caller may see. */
export function errorCodesModule(): string {
  const codes = Object.keys(ERRORS).map((code) => `  | '${code}'\n`);
  return `/** Codes of the platform's errors: docs/errors.md explains each. */\nexport type KnownErrorCode =\n${codes.join('').replace(/\n$/, '')};\n`;
}
