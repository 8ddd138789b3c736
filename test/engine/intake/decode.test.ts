import { decode } from '../../../src/engine/intake/index.ts';
import { decoderContract } from '../../contracts/decoder.ts';

decoderContract('a decoder in this process', async () => ({ decode, close: async () => {} }));
