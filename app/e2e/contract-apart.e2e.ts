import { describe } from 'vitest';
import { startApart } from './apart.ts';
import { contractSuite } from './contract.ts';

describe('with the gateway in a process of its own', () => contractSuite(startApart));
