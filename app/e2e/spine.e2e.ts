import { describe } from 'vitest';
import { startPlatform } from './platform.ts';
import { spineSuite } from './spine.ts';

describe('in one process', () => spineSuite(startPlatform));
