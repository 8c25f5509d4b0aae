import { pubSubContract } from './contract.ts';
import { memoryPubSub } from './memory.ts';

pubSubContract('memory', async () => memoryPubSub());
