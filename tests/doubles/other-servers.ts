/**
 * @file Servers that do otherwise what the API leaves open: our own node behind a fetch that changes what is asked and answered. What is
 * learned is divided as others divide it, clipping is overlooked, scores are noisy, samples are judged at their temperature.
 */

// biome-ignore lint/suspicious/noExplicitAny: JSON of the wire, which the types of the client are tested against
type Json = any;

export interface Otherness {
  /** By what a sequence's sum is divided, given the lengths of all. */
  divide?: (lengths: number[], index: number) => number;
  /** Scales all advantages of a batch to the same size. */
  normalize?: boolean;
  clips?: boolean;
  noise?: number;
  /** Log-probabilities of samples are these times the model's own. */
  sampled?: number;
  protobuf?: boolean;
}

export const otherServer =
  ({ divide, normalize, clips = true, noise = 0, sampled = 1, protobuf = true }: Otherness): typeof fetch =>
  async (url, init) => {
    const path = String(url).replace(/^.*\/api\/v1\//, '');
    const type = new Headers(init?.headers).get('content-type');
    if (type === 'application/x-protobuf' && !protobuf)
      return Response.json({ detail: [{ msg: 'Input should be a valid JSON object' }] }, { status: 422 });
    let body = init?.body;
    if (type === 'application/json') {
      const asked: Json = JSON.parse(new TextDecoder().decode(body as Uint8Array));
      if (path === 'forward_backward') rescale(asked.forward_backward_input.data, divide, normalize);
      if (path === 'optim_step' && !clips) asked.adam_params.grad_clip_norm = 0;
      body = JSON.stringify(asked);
    }
    const headers = new Headers(init?.headers);
    headers.set('accept', 'application/json');
    const response = await fetch(url, { ...init, body, headers });
    if (path !== 'retrieve_future' || response.status !== 200) return response;
    const told: Json = await response.json();
    for (const output of told.loss_fn_outputs ?? [])
      output.logprobs.data = output.logprobs.data.map((p: number) => p + noise * (Math.random() - 0.5));
    for (const sequence of told.sequences ?? [])
      sequence.logprobs = sequence.logprobs.map((p: number) => p * sampled);
    return Response.json(told);
  };

function rescale(data: Json[], divide: Otherness['divide'], normalize?: boolean): void {
  const lengths = data.map((datum) => datum.loss_fn_inputs.target_tokens.data.length);
  const largest = Math.max(...data.flatMap((datum) => datum.loss_fn_inputs.advantages.data.map(Math.abs)));
  const times = (index: number) => (divide ? 1 / divide(lengths, index) : 1) / (normalize ? largest : 1);
  for (const [index, { loss_fn_inputs }] of data.entries())
    loss_fn_inputs.advantages.data = loss_fn_inputs.advantages.data.map((a: number) => a * times(index));
}
