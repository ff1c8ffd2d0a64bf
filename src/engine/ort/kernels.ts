/**
 * @file The few jobs on the GPU that are better as kernels of our own than as ONNX graphs, on the device and buffers
 * that onnxruntime uses too: AdamW with global-norm clipping (in place, a few dispatches where a graph needs
 * hundreds), adding up gradients, and sampling noise.
 *
 * A kernel takes as many tensors at once as the device binds storage buffers, so a step over all parameters is a
 * handful of dispatches. Sums run in a fixed order: training is reproducible.
 */

import type { OptimizerStep } from './device';

const WORKGROUP = 256;
/** Workgroups per tensor; each thread strides over the rest. */
const MAX_GROUPS = 512;

const groupsFor = (size: number): number => Math.min(MAX_GROUPS, Math.ceil(size / WORKGROUP));

interface SizedBuffer {
  buffer: GPUBuffer;
  size: number;
}

export interface AdamTensors {
  weight: SizedBuffer;
  gradient: SizedBuffer;
  momentum: SizedBuffer;
  variance: SizedBuffer;
  decay: boolean;
}

export class Kernels {
  private readonly pipelines = new Map<string, GPUComputePipeline>();
  private readonly buffers = new Map<string, GPUBuffer>();
  private readonly bindings: number;

  constructor(private readonly device: GPUDevice) {
    this.bindings = device.limits.maxStorageBuffersPerShaderStage;
  }

  /** sums[i] += terms[i] */
  accumulate(pairs: { sum: SizedBuffer; term: SizedBuffer }[]): void {
    const encoder = this.device.createCommandEncoder();
    for (const group of chunks(pairs, Math.floor(this.bindings / 2))) {
      const pipeline = this.pipeline(`accumulate ${group.length}`, () => accumulateShader(group.length));
      this.dispatch(
        encoder,
        pipeline,
        group.flatMap(({ sum, term }) => [sum.buffer, term.buffer]),
        null,
        group,
      );
    }
    this.device.queue.submit([encoder.finish()]);
  }

  noise(target: GPUBuffer, keys: Uint32Array, width: number, temperature: number): void {
    const { device } = this;
    const keyBuffer = this.buffer('noise keys', keys.byteLength, GPUBufferUsage.STORAGE);
    device.queue.writeBuffer(keyBuffer, 0, keys as Uint32Array<ArrayBuffer>);
    const settings = this.buffer('noise settings', 16, GPUBufferUsage.UNIFORM);
    const values = new DataView(new ArrayBuffer(16));
    values.setUint32(0, width, true);
    values.setUint32(4, keys.length * width, true);
    values.setFloat32(8, temperature, true);
    device.queue.writeBuffer(settings, 0, values.buffer);
    const encoder = device.createCommandEncoder();
    const pipeline = this.pipeline('noise', () => NOISE_SHADER);
    this.dispatch(encoder, pipeline, [target, keyBuffer], settings, [{ sum: { size: keys.length * width } }]);
    device.queue.submit([encoder.finish()]);
  }

  /**
   * One optimizer step over all tensors. Leaves [norm, scale] in the buffer that it returns; a norm that is not finite
   * leaves every tensor as it was.
   */
  adamw(tensors: AdamTensors[], step: OptimizerStep): GPUBuffer {
    const { device } = this;
    const encoder = device.createCommandEncoder();

    const partialCount = tensors.reduce((sum, { gradient }) => sum + groupsFor(gradient.size), 0);
    const partials = this.buffer('norm partials', partialCount * 4, GPUBufferUsage.STORAGE);
    let offset = 0;
    chunks(tensors, this.bindings - 1).forEach((group, i) => {
      const starts: number[] = [];
      for (const { gradient } of group) {
        starts.push(offset);
        offset += groupsFor(gradient.size);
      }
      const settings = this.uniform(
        `norm ${i}`,
        Uint32Array.from(starts.flatMap((start) => [start, 0, 0, 0])),
      );
      const pipeline = this.pipeline(`norm ${group.length}`, () => sumOfSquaresShader(group.length));
      const buffers = [...group.map(({ gradient }) => gradient.buffer), partials];
      this.dispatch(
        encoder,
        pipeline,
        buffers,
        settings,
        group.map(({ gradient }) => ({ sum: gradient })),
      );
    });

    const result = this.buffer('norm', 16, GPUBufferUsage.STORAGE);
    const limit = this.uniform('norm limit', Float32Array.of(Math.min(step.maxGradNorm, 3e38), partialCount));
    this.dispatch(
      encoder,
      this.pipeline('norm total', () => NORM_SHADER),
      [partials, result],
      limit,
      null,
    );

    const correction1 = 1 - step.beta1 ** step.step;
    const correction2 = Math.sqrt(1 - step.beta2 ** step.step);
    const { learningRate, epsilon, beta1, beta2, weightDecay } = step;
    chunks(tensors, Math.floor((this.bindings - 1) / 4)).forEach((group, i) => {
      const keep = group.flatMap(({ decay }) => [decay ? 1 - learningRate * weightDecay : 1, 0, 0, 0]);
      const values = [
        learningRate / correction1,
        1 / correction2,
        epsilon,
        0,
        beta1,
        beta2,
        1 - beta1,
        1 - beta2,
        ...keep,
      ];
      const settings = this.uniform(`adamw ${i}`, Float32Array.from(values));
      const pipeline = this.pipeline(`adamw ${group.length}`, () => adamwShader(group.length));
      const buffers = group.flatMap((t) =>
        [t.weight, t.gradient, t.momentum, t.variance].map(({ buffer }) => buffer),
      );
      this.dispatch(
        encoder,
        pipeline,
        [...buffers, result],
        settings,
        group.map(({ weight }) => ({ sum: weight })),
      );
    });
    device.queue.submit([encoder.finish()]);
    return result;
  }

  /** Counts the words in which pairs of buffers differ, into the buffer that it returns. */
  differences(pairs: [GPUBuffer, GPUBuffer][], words: number[]): GPUBuffer {
    const result = this.buffer('differences', 16, GPUBufferUsage.STORAGE);
    const encoder = this.device.createCommandEncoder();
    encoder.clearBuffer(result);
    const pipeline = this.pipeline('differences', () => DIFFERENCES_SHADER);
    pairs.forEach(([a, b], i) => {
      const size = this.uniform(`difference ${i}`, Uint32Array.of(words[i], 0, 0, 0));
      this.dispatch(encoder, pipeline, [a, b, result], size, [{ sum: { size: words[i] } }]);
    });
    this.device.queue.submit([encoder.finish()]);
    return result;
  }

  destroy(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
    this.buffers.clear();
  }

  /** Workgroup (x, y) works on the y-th tensor of its group; null is one workgroup alone. */
  private dispatch(
    encoder: GPUCommandEncoder,
    pipeline: GPUComputePipeline,
    storage: GPUBuffer[],
    uniform: GPUBuffer | null,
    group: { sum: { size: number } }[] | null,
  ): void {
    const resources = [...storage, ...(uniform ? [uniform] : [])];
    const bindGroup = this.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    if (group)
      pass.dispatchWorkgroups(Math.max(...group.map(({ sum }) => groupsFor(sum.size))), group.length);
    else pass.dispatchWorkgroups(1);
    pass.end();
  }

  private pipeline(key: string, code: () => string): GPUComputePipeline {
    let pipeline = this.pipelines.get(key);
    if (!pipeline) {
      const module = this.device.createShaderModule({ code: code() });
      pipeline = this.device.createComputePipeline({ layout: 'auto', compute: { module } });
      this.pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  /** A buffer that is kept from call to call, and only made anew when it must grow. */
  private buffer(key: string, bytes: number, usage: number): GPUBuffer {
    let buffer = this.buffers.get(key);
    if (!buffer || buffer.size < bytes) {
      buffer?.destroy();
      const size = Math.ceil(bytes / 16) * 16;
      buffer = this.device.createBuffer({
        size,
        usage: usage | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      });
      this.buffers.set(key, buffer);
    }
    return buffer;
  }

  private uniform(key: string, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.buffer(key, data.byteLength, GPUBufferUsage.UNIFORM);
    this.device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }
}

// ---- Shaders --------------------------------------------------------------------------------------------------------

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const HEADER = /* wgsl */ `
const WORKGROUP = ${WORKGROUP}u;
const MAX_GROUPS = ${MAX_GROUPS}u;
fn groups(size: u32) -> u32 { return min(MAX_GROUPS, (size + WORKGROUP - 1u) / WORKGROUP); }
`;

/** Runs `body` for the elements i of tensor k, for whichever tensor the workgroup belongs to. */
const forEachElement = (k: number, size: string, body: string): string => /* wgsl */ `
    case ${k}u: {
      let size = ${size};
      let stride = groups(size) * WORKGROUP;
      if (workgroup.x < groups(size)) {
        for (var i = workgroup.x * WORKGROUP + thread; i < size; i += stride) { ${body} }
      }
    }`;

const main = (cases: string): string => /* wgsl */ `
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  switch workgroup.y {${cases}
    default: {}
  }
}`;

const storage = (binding: number, access: 'read' | 'read_write', name: string): string =>
  `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<f32>;`;

function accumulateShader(count: number): string {
  const bindings = range(count).map(
    (k) => `${storage(2 * k, 'read_write', `sum${k}`)} ${storage(2 * k + 1, 'read', `term${k}`)}`,
  );
  const cases = range(count).map((k) =>
    forEachElement(k, `arrayLength(&sum${k})`, `sum${k}[i] += term${k}[i];`),
  );
  return HEADER + bindings.join('\n') + main(cases.join(''));
}

/** One partial sum of squares per workgroup: threads stride, then a tree within the workgroup. */
function sumOfSquaresShader(count: number): string {
  const bindings = [
    ...range(count).map((k) => storage(k, 'read', `gradient${k}`)),
    storage(count, 'read_write', 'partials'),
    `@group(0) @binding(${count + 1}) var<uniform> starts: array<vec4u, ${count}>;`,
    'var<workgroup> sums: array<f32, WORKGROUP>;',
  ];
  const cases = range(count).map((k) =>
    forEachElement(k, `arrayLength(&gradient${k})`, `sum += gradient${k}[i] * gradient${k}[i];`),
  );
  const sizes = range(count).map((k) => `case ${k}u: { size = arrayLength(&gradient${k}); }`);
  return /* wgsl */ `${HEADER}${bindings.join('\n')}
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  var size = 0u;
  switch workgroup.y { ${sizes.join(' ')} default: {} }
  switch workgroup.y {${cases.join('')}
    default: {}
  }
  sums[thread] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u && workgroup.x < groups(size)) { partials[starts[workgroup.y].x + workgroup.x] = sums[0]; }
}`;
}

/** [norm, scale]. A shader compiler may assume that NaN does not exist, so finiteness is read from the exponent's bits. */
const NORM_SHADER = /* wgsl */ `${HEADER}
struct Limit { norm: f32, count: f32 }
@group(0) @binding(0) var<storage, read> partials: array<f32>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
@group(0) @binding(2) var<uniform> limit: Limit;
var<workgroup> sums: array<f32, WORKGROUP>;
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) thread: u32) {
  var sum = 0.0;
  for (var i = thread; i < u32(limit.count); i += WORKGROUP) { sum += partials[i]; }
  sums[thread] = sum;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (thread < half) { sums[thread] += sums[thread + half]; }
  }
  if (thread == 0u) {
    let norm = sqrt(sums[0]);
    let finite = (bitcast<u32>(sums[0]) & 0x7f800000u) != 0x7f800000u;
    result[0] = norm;
    result[1] = select(-1.0, min(1.0, limit.norm / (norm + 1e-6)), finite);
  }
}`;

/** torch.optim.AdamW, given the step size lr / (1 - beta1^t) and 1 / sqrt(1 - beta2^t). A negative scale means: do nothing. */
function adamwShader(count: number): string {
  const bindings = range(count).flatMap((k) => [
    storage(4 * k, 'read_write', `w${k}`),
    storage(4 * k + 1, 'read', `g${k}`),
    storage(4 * k + 2, 'read_write', `m${k}`),
    storage(4 * k + 3, 'read_write', `v${k}`),
  ]);
  const cases = range(count).map((k) =>
    forEachElement(
      k,
      `arrayLength(&w${k})`,
      `
          let g = g${k}[i] * scale;
          let m = m${k}[i] * s.beta1 + g * s.rest1;
          let v = v${k}[i] * s.beta2 + g * g * s.rest2;
          m${k}[i] = m;
          v${k}[i] = v;
          w${k}[i] = w${k}[i] * s.keep[${k}].x - s.stepSize * m / (sqrt(v) * s.inverseCorrection + s.epsilon);`,
    ),
  );
  return /* wgsl */ `${HEADER}
struct Settings {
  stepSize: f32, inverseCorrection: f32, epsilon: f32, unused: f32,
  beta1: f32, beta2: f32, rest1: f32, rest2: f32, // 1 - beta, which float32 could not tell from beta
  @align(16) keep: array<vec4f, ${count}>,
}
${bindings.join('\n')}
${storage(4 * count, 'read', 'norm')}
@group(0) @binding(${4 * count + 1}) var<uniform> s: Settings;
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) thread: u32) {
  let scale = norm[1];
  if (scale < 0.0) { return; }
  switch workgroup.y {${cases.join('')}
    default: {}
  }
}`;
}

const DIFFERENCES_SHADER = /* wgsl */ `${HEADER}
@group(0) @binding(0) var<storage, read> a: array<u32>;
@group(0) @binding(1) var<storage, read> b: array<u32>;
@group(0) @binding(2) var<storage, read_write> count: atomic<u32>;
@group(0) @binding(3) var<uniform> words: vec4u;${main(
  forEachElement(0, 'words.x', 'if (a[i] != b[i]) { atomicAdd(&count, 1u); }'),
)}`;

/** The function of noise.ts. */
const NOISE_SHADER = /* wgsl */ `${HEADER}
struct Settings { width: u32, size: u32, temperature: f32 }
@group(0) @binding(0) var<storage, read_write> noise: array<f32>;
@group(0) @binding(1) var<storage, read> keys: array<u32>;
@group(0) @binding(2) var<uniform> s: Settings;
fn mix32(value: u32) -> u32 {
  var x = value;
  x = (x ^ (x >> 16u)) * 0x7feb352du;
  x = (x ^ (x >> 15u)) * 0x846ca68bu;
  return x ^ (x >> 16u);
}
fn gumbel(key: u32, index: u32) -> f32 {
  let bits = mix32(key ^ ((index + 1u) * 0x9e3779b9u));
  let w = min((f32(bits) + 0.5) * 2.3283064365386963e-10, 0.99999994);
  return -log(select(-log(1.0 - w), w + 0.5 * w * w, w < 1e-3));
}${main(
  forEachElement(
    0,
    's.size',
    'noise[i] = select(s.temperature * gumbel(keys[i / s.width], i % s.width), 0.0, s.temperature == 0.0);',
  ),
)}`;

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < items.length; i += size) result.push(items.slice(i, i + size));
  return result;
}
