import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { agreesWithPyTorch, computesSideBySide } from '../../contract/golden';

const open = async () => new LocalEngine(await openNodeDevice());
agreesWithPyTorch(open);
computesSideBySide(open);
