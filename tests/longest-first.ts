/**
 * @file In which order test files are run. A fresh checkout does not know how long they take, and goes by their size; what takes longest
 * must not come last, when nothing is left to go beside it. Those on the GPU and those beside it take turns.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const longest = [
  ...['browser/golden', 'browser/training/survives', 'browser/gpu-cost', 'browser/training/buttons'],
  ...['browser/behaviour', 'browser/training/lost-device', 'browser/adapters', 'browser/training/vocabulary'],
  ...['e2e/page/learning', 'e2e/training', 'e2e/study', 'e2e/own-vocabulary', 'e2e/offline'],
  ...['selfplay/loop/property', 'sandbox/rewrite', 'selfplay/loop/hindsight-learns', 'node/faults'],
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((name) => moduleId.includes(`/${name}.test.`));
      return found < 0 ? longest.length : found;
    };
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => group(a) - group(b) || place(a) - place(b));
  }
}
