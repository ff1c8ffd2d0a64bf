/**
 * @file One request to sample, answered by several nodes. Each has a share; what a node that fails leaves behind goes to others, and what
 * is late is asked of somebody idle as well: the first answer counts.
 */

import type { Rollout, SampleRequest } from '../engine';
import { EngineError, InvalidRequestError } from '../errors';
import { deal, type Group, groupsOf, type Pace, secondsFor } from './fleet-shares';
import { sleep } from './transport';

export interface Listener {
  push(rollout: Rollout): void;
  /** The node has what it needs, and begins. */
  begun(): void;
  signal: AbortSignal;
}

export interface Answerer {
  pace: Pace;
  /** Nobody can stand in for it: its failure is the request's. */
  essential?: boolean;
  /** Seconds before it can begin; null while it is away. */
  delay(): number | null;
  ask(request: SampleRequest, listener: Listener): Promise<void>;
}

export interface Outcome<Node> {
  push(rollout: Rollout, by: Node): void;
  /** So many completions are asked for a second time. */
  askedAgain(completions: number): void;
  signal: AbortSignal;
}

/** Milliseconds after twice its own time that a node which is done waits before it takes over what others are late with. */
const grace = 2000;

/** Resolves when everything is answered. */
export function askTogether<Node extends Answerer>(
  nodes: readonly Node[],
  request: SampleRequest,
  outcome: Outcome<Node>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    new SharedRequest(nodes, request, outcome, resolve, reject).begin();
  });
}

interface Open {
  missing: number;
  /** Who is asked. */
  by: Set<Answerer>;
}

class SharedRequest<Node extends Answerer> {
  private readonly open: Map<Group, Open>;
  private readonly groupOf: Group[] = [];
  private readonly answered = new Set<number>();
  private readonly failed = new Set<Node>();
  /** With a share of their own, and not done. */
  private readonly working = new Set<Node>();
  private readonly over = new AbortController();
  /** It is over, and nobody wants to know the rest. */
  private readonly dropped = new AbortController();

  constructor(
    private readonly nodes: readonly Node[],
    private readonly request: SampleRequest,
    private readonly outcome: Outcome<Node>,
    private readonly resolve: () => void,
    private readonly reject: (error: unknown) => void,
  ) {
    const groups = groupsOf(request.prompts);
    for (const group of groups) for (const place of group) this.groupOf[place] = group;
    this.open = new Map(
      groups.map((group) => [group, { missing: group.length * request.samples, by: new Set() }]),
    );
  }

  begin(): void {
    const { signal } = this.outcome;
    const stop = () => this.end(signal.reason);
    signal.addEventListener('abort', stop, { once: true, signal: this.over.signal });
    if (signal.aborted) stop();
    else if (this.open.size === 0 || !(this.request.samples >= 1))
      this.end(
        new InvalidRequestError('There is nothing to sample: give prompts, and ask for a sample of each.'),
      );
    else {
      const groups = [...this.open.keys()];
      const idle = this.give(groups);
      if (groups.length >= this.nodes.length) for (const { pace } of idle) pace.passedOver();
    }
  }

  /** Deals groups among the nodes that are there; returns those which get nothing. */
  private give(groups: readonly Group[]): Node[] {
    const there = this.nodes.flatMap((node) => {
      const delay = this.failed.has(node) || node.pace.overdue ? null : node.delay();
      return delay === null ? [] : [{ node, delay }];
    });
    const prospects = there.map(({ node, delay }) => ({
      speed: node.pace.speed,
      delay: delay + this.busyFor(node),
    }));
    const shares = deal(groups, this.request.samples, prospects);
    there.forEach(({ node }, i) => {
      if (shares[i].length > 0) void this.ask(node, shares[i]);
    });
    return there.flatMap(({ node }, i) => (shares[i].length > 0 ? [] : [node]));
  }

  /** Seconds that it will still need for what it was asked. */
  private busyFor(node: Node): number {
    const missing = [...this.open.values()].reduce(
      (sum, { missing, by }) => sum + (by.has(node) ? missing : 0),
      0,
    );
    return node.pace.speed === null ? 0 : secondsFor(missing, node.pace.speed);
  }

  private async ask(node: Node, groups: readonly Group[], isStandIn = false): Promise<void> {
    for (const group of groups) this.open.get(group)?.by.add(node);
    const places = groups.flat().sort((a, b) => a - b);
    const request = { ...this.request, prompts: places.map((place) => this.request.prompts[place]) };
    const completions = places.length * request.samples;
    const asked = performance.now();
    let began: number | null = null;
    const seconds = () => (began === null ? 0 : (performance.now() - began) / 1000);
    if (!isStandIn) this.working.add(node);
    try {
      await node.ask(request, {
        push: (rollout) => this.take({ ...rollout, prompt: places[rollout.prompt] }, node),
        begun: () => {
          began = performance.now();
        },
        // Who is late is not stopped: whether it is slow or dead is seen by what becomes of it.
        signal: isStandIn || node.essential ? this.over.signal : this.dropped.signal,
      });
      if (groups.some((group) => this.open.has(group))) throw new EngineError('A node left completions out.');
      node.pace.measured(completions, seconds());
    } catch (error) {
      if (!this.over.signal.aborted) this.passOn(node, groups, error);
      else if (!this.dropped.signal.aborted) node.pace.slowerThan(completions, seconds());
      return;
    } finally {
      this.working.delete(node);
      node.pace.overdue = false;
    }
    await this.standIn(node, performance.now() - asked);
  }

  private take(rollout: Rollout, by: Node): void {
    const { samples, prompts } = this.request;
    const key = rollout.prompt * samples + rollout.sample;
    const group = this.groupOf[rollout.prompt];
    const open = this.open.get(group);
    if (!open || this.answered.has(key) || this.over.signal.aborted) return;
    this.answered.add(key);
    if (--open.missing === 0) this.open.delete(group);
    this.outcome.push(rollout, by);
    if (this.answered.size === prompts.length * samples) this.end();
  }

  private passOn(node: Node, groups: readonly Group[], error: unknown): void {
    if (node.essential) {
      this.end(error);
      return;
    }
    this.failed.add(node);
    const left = groups.filter((group) => {
      const by = this.open.get(group)?.by;
      by?.delete(node);
      return by?.size === 0;
    });
    this.again(left);
    this.give(left);
  }

  /** It is done. What others were given to be done with by now, and are not by far, it does as well. */
  private async standIn(node: Node, took: number): Promise<void> {
    await sleep(took + grace, this.over.signal).catch(() => {});
    if (this.over.signal.aborted || node.delay() === null) return;
    const late = [...this.open].flatMap(([group, { by }]) => (by.has(node) || by.size > 1 ? [] : [group]));
    if (late.length === 0) return;
    this.again(late);
    await this.ask(node, late, true);
  }

  private again(groups: readonly Group[]): void {
    const completions = groups.reduce((sum, group) => sum + (this.open.get(group)?.missing ?? 0), 0);
    if (completions > 0) this.outcome.askedAgain(completions);
  }

  private end(error?: unknown): void {
    if (this.over.signal.aborted) return;
    this.over.abort();
    if (error === undefined) {
      for (const node of this.working) node.pace.overdue = !node.essential;
      this.resolve();
    } else {
      this.dropped.abort();
      this.reject(error);
    }
  }
}
