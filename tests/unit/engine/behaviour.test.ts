import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { keepsItsPromises } from '../../contract/behaviour';

keepsItsPromises(async () => new LocalEngine(await openNodeDevice()));
