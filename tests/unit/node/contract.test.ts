/** The remote engine over loopback promises what every engine promises, and computes what PyTorch and PEFT do. */
import { adaptsAsPeftDoes, keepsAdaptersPromises } from '../../contract/adapters';
import { keepsItsPromises } from '../../contract/behaviour';
import { agreesWithPyTorch, computesSideBySide } from '../../contract/golden';
import { openRemote } from '../../doubles/node';

keepsItsPromises(() => openRemote());
agreesWithPyTorch(() => openRemote(), ['qwen3-tiny']);
computesSideBySide(() => openRemote(), ['qwen3-tiny']);
adaptsAsPeftDoes(() => openRemote({ thrift: { leastWork: 0, largestJournal: 0 } }), ['llama']);
keepsAdaptersPromises(() => openRemote());
