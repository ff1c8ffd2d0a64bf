import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { agreesWithPyTorch } from '../../contract/golden';

agreesWithPyTorch(async () => new LocalEngine(await openNodeDevice()));
