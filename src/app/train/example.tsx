/** @file What a game looks like, for those who have seen none yet: a task of the kind the model makes up, and a thought that solves it. */

import { Python } from '../ui/python';

const program = `def f(x):
    a = 0
    for i in x:
        a += i * 2
    return a`;

const thought = `1: x=[2, 7]
2: a=0
3: i=2, 7
4:2*2=4 0+4 a=4
3: i=7
4:7*2=14 4+14 a=18
3: i=
5: =18`;

export function Example() {
  return (
    <aside class="card example" aria-labelledby="example-title">
      <h2 id="example-title">What a game looks like</h2>
      <ol>
        <li>
          <h3>The model makes up a program and an input</h3>
          <Python text={program} label="The program" numbered />
          <p>
            <code>f([2, 7])</code>
          </p>
        </li>
        <li>
          <h3>It thinks, step by step, and answers</h3>
          <pre class="python">{thought}</pre>
        </li>
        <li>
          <h3>Python says what is true</h3>
          <p>
            <code>18</code> <span class="outcome outcome-good">✓ right</span>
          </p>
        </li>
      </ol>
    </aside>
  );
}
