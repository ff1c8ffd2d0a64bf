/** The remote engine over loopback promises what every engine promises, and computes what PyTorch does. */
import { keepsItsPromises } from '../../contract/behaviour';
import { agreesWithPyTorch } from '../../contract/golden';
import { openRemote } from '../../doubles/node';

keepsItsPromises(() => openRemote());
agreesWithPyTorch(() => openRemote(), ['qwen3-tiny']);
