import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { adaptsAsPeftDoes, keepsAdaptersPromises } from '../../contract/adapters';

const open = async () => new LocalEngine(await openNodeDevice());
adaptsAsPeftDoes(open);
keepsAdaptersPromises(open);
