import { describe } from 'vitest';
import { contractSuite } from './contract.ts';
import { startPlatform } from './platform.ts';

describe('in one process', () => contractSuite(startPlatform));
