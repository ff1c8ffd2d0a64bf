/**
 * @file From tensors to an ONNX file: walk back from the outputs, order the nodes, write them down.
 *
 * One rewrite happens on the way: a sum with a matrix product that nothing else reads becomes the product's own third
 * operand (Gemm computes a*b + c). It turns residual connections forward, and the adding up of gradients backward,
 * into no work at all, without any layer having to know.
 */

import { Message } from './protobuf';
import { type Attribute, type DType, ELEMENT_TYPE, type Source, type Tensor } from './tensor';

export interface TensorSpec {
  name: string;
  dtype: DType;
  shape: readonly number[];
}

export interface Model {
  bytes: Uint8Array<ArrayBuffer>;
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  nodeCount: number;
}

export const OPSET = 23;
/** The oldest version of the file format that knows this opset. */
const IR_VERSION = 11;

/** Writes the program that computes `outputs`; its inputs are whatever those turn out to depend on. */
export function writeModel(
  name: string,
  outputs: Record<string, Tensor>,
  metadata: Record<string, string> = {},
): Model {
  const program = schedule(Object.values(outputs));
  const names = new Names(outputs);
  const nodes: Message[] = [];
  const initializers: Message[] = [];
  const inputs: TensorSpec[] = [];

  for (const source of program.order) {
    switch (source.kind) {
      case 'input':
        inputs.push({ name: source.name, dtype: source.dtype, shape: source.shape });
        break;
      case 'constant':
        if (names.introduce(source)) initializers.push(tensorProto(names.of(source), source));
        break;
      case 'node': {
        const { op, domain, attributes, inputs: operands } = program.form(source);
        const results = Array.from({ length: source.outputs }, (_, i) => names.of(source, i));
        const arguments_ = operands.map((t) => (t ? names.of(t.source, t.index) : ''));
        nodes.push(nodeProto(op, domain, arguments_, results, attributes));
        break;
      }
      default:
        source satisfies never;
    }
  }
  // Two outputs may be the same tensor, or one may be an input: a node must still make each name.
  for (const [output, { source, index }] of Object.entries(outputs)) {
    const inner = names.of(source, index);
    if (inner !== output) nodes.push(nodeProto('Identity', '', [inner], [output], {}));
  }

  const outputSpecs = Object.entries(outputs).map(([n, { dtype, shape }]) => ({ name: n, dtype, shape }));
  const graph = new Message();
  for (const node of nodes) graph.message(1, node);
  graph.string(2, name);
  for (const initializer of initializers) graph.message(5, initializer);
  for (const spec of inputs) graph.message(11, valueInfo(spec));
  for (const spec of outputSpecs) graph.message(12, valueInfo(spec));

  const model = new Message().int(1, IR_VERSION).string(2, 'zeroloop').message(7, graph);
  model.message(8, new Message().string(1, '').int(2, OPSET));
  model.message(8, new Message().string(1, 'com.microsoft').int(2, 1));
  for (const [key, value] of Object.entries(metadata)) {
    model.message(14, new Message().string(1, key).string(2, value));
  }
  return { bytes: model.finish(), inputs, outputs: outputSpecs, nodeCount: nodes.length };
}

// ---- Ordering and the one rewrite -------------------------------------------------------------------------------------

type NodeSource = Extract<Source, { kind: 'node' }>;
type ConstantSource = Extract<Source, { kind: 'constant' }>;

interface Program {
  /** Everything that the outputs need, operands first. */
  order: Source[];
  /** How a node is written, which differs from how it was built where a sum took in a product. */
  form(source: NodeSource): NodeSource;
}

function schedule(outputs: Tensor[]): Program {
  const uses = countUses(outputs);
  const forms = new Map<NodeSource, NodeSource>();
  const order: Source[] = [];
  const entered = new Set<Source>();
  const left = new Set<Source>();
  const stack = outputs.map((tensor) => tensor.source).reverse();
  // Depth first with a stack of our own: a deep model would overflow that of the language.
  for (let source = stack.at(-1); source; source = stack.at(-1)) {
    if (entered.has(source)) {
      stack.pop();
      if (left.has(source)) continue;
      left.add(source);
      order.push(source);
    } else {
      entered.add(source);
      if (source.kind !== 'node') continue;
      const form = withProductTakenIn(source, uses);
      forms.set(source, form);
      for (const operand of form.inputs.toReversed()) if (operand) stack.push(operand.source);
    }
  }
  return { order, form: (source) => forms.get(source) ?? source };
}

function countUses(outputs: Tensor[]): Map<Source, number> {
  const uses = new Map<Source, number>();
  const pending = outputs.map((tensor) => tensor.source);
  for (let source = pending.pop(); source; source = pending.pop()) {
    const count = uses.get(source) ?? 0;
    uses.set(source, count + 1);
    if (count > 0 || source.kind !== 'node') continue;
    for (const operand of source.inputs) if (operand) pending.push(operand.source);
  }
  return uses;
}

/** Gemm(a, b) + c  ->  Gemm(a, b, c), where c has the product's shape or is one row of it. */
function withProductTakenIn(sum: NodeSource, uses: Map<Source, number>): NodeSource {
  if (sum.op !== 'Add') return sum;
  for (const [product, addend] of [sum.inputs, sum.inputs.toReversed()]) {
    if (!product || !addend) continue;
    const { source, shape } = product;
    if (
      source.kind !== 'node' ||
      source.op !== 'Gemm' ||
      source.inputs.length !== 2 ||
      uses.get(source) !== 1
    )
      continue;
    const isRow = addend.rank <= 2 && addend.shape.at(-1) === shape[1] && addend.size === shape[1];
    const isMatrix = addend.rank === 2 && addend.shape[0] === shape[0] && addend.shape[1] === shape[1];
    if (isMatrix || isRow) return { ...source, inputs: [...source.inputs, addend] };
  }
  return sum;
}

/** Gives every tensor its name in the file: outputs keep theirs, and small constants of equal value share one. */
class Names {
  private readonly known = new Map<Source, string[]>();
  private readonly constants = new Map<string, string>();
  private count = 0;

  constructor(outputs: Record<string, Tensor>) {
    for (const [name, { source, index }] of Object.entries(outputs)) {
      if (source.kind === 'node') this.list(source)[index] ??= name;
    }
  }

  of(source: Source, index = 0): string {
    if (source.kind === 'input') return source.name;
    const list = this.list(source);
    list[index] ??= `t${this.count++}`;
    return list[index];
  }

  /** True if this constant has to be written, false if an equal one has been. */
  introduce(source: ConstantSource): boolean {
    if (source.data.length > 64) return true;
    const value = `${source.dtype}[${source.shape}]${source.data.join()}`;
    const equal = this.constants.get(value);
    if (equal !== undefined) this.list(source)[0] = equal;
    else this.constants.set(value, this.of(source));
    return equal === undefined;
  }

  private list(source: Source): string[] {
    const list = this.known.get(source) ?? [];
    this.known.set(source, list);
    return list;
  }
}

// ---- The messages of onnx.proto that we need ------------------------------------------------------------------------

function nodeProto(
  op: string,
  domain: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, Attribute>,
): Message {
  const message = new Message();
  for (const name of inputs) message.string(1, name);
  for (const name of outputs) message.string(2, name);
  message.string(3, `${op}:${outputs[0]}`).string(4, op);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attributeProto(name, value));
  return domain ? message.string(7, domain) : message;
}

function attributeProto(name: string, value: Attribute): Message {
  const message = new Message().string(1, name);
  const type = (code: number) => message.int(20, code);
  if (typeof value === 'number') return type(2).int(3, value);
  if (typeof value === 'string') return type(3).string(4, value);
  if ('float' in value) return type(1).float(2, value.float);
  for (const item of value) message.int(8, item);
  return type(7);
}

function tensorProto(name: string, { data, shape, dtype }: ConstantSource): Message {
  const message = new Message();
  for (const dim of shape) message.int(1, dim);
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message.int(2, ELEMENT_TYPE[dtype]).string(8, name).bytes(9, raw);
}

function valueInfo({ name, dtype, shape }: TensorSpec): Message {
  const dims = new Message();
  for (const dim of shape) dims.message(1, new Message().int(1, dim));
  const tensorType = new Message().int(1, ELEMENT_TYPE[dtype]).message(2, dims);
  return new Message().string(1, name).message(2, new Message().message(1, tensorType));
}
