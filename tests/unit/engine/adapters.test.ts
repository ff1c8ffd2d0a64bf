import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { adaptsAsPeftDoes, keepsAdaptersPromises, roundsItsBase } from '../../contract/adapters';

const open = async () => new LocalEngine(await openNodeDevice());
adaptsAsPeftDoes(open);
keepsAdaptersPromises(open);
roundsItsBase(open);
