/**
 * @file Which proposals of a batch repeat each other: the share of the batch that a proposal's cluster takes, as R-Zero counts
 * it, with a likeness that is cheaper than BLEU and does not fall for new variable names or comments.
 */

/**
 * For each program the share of the batch that lies in its cluster. Null stands for a proposal without a program: it counts in
 * the batch and has no share. Clusters are joined, most alike first, while the mean likeness between them is at least
 * `threshold`. The order of the batch does not matter unless likenesses tie.
 */
export function clusterShares(programs: readonly (string | null)[], threshold: number): number[] {
  const present = programs.flatMap((program, index) => (program === null ? [] : [index]));
  const labels = cluster(
    present.map((index) => programs[index] as string),
    threshold,
  );
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const shares = programs.map(() => 0);
  present.forEach((index, k) => {
    shares[index] = sizes.get(labels[k])! / programs.length;
  });
  return shares;
}

/**
 * Average linkage by chains of nearest neighbours: quadratic in the programs. A pair that is each other's nearest can be
 * joined at once, since with this linkage no later cluster comes closer to either.
 */
function cluster(programs: readonly string[], threshold: number): number[] {
  const unique = [...new Set(programs)];
  const grams = indexedGrams(unique);
  const size = unique.map((text) => programs.reduce((count, each) => count + (each === text ? 1 : 0), 0));
  const like = grams.map((a, i) => Float64Array.from(grams, (b, j) => (i === j ? 1 : likeness(a, b))));
  const label = unique.map((_, i) => i);
  const open = new Set(label);
  const chain: number[] = [];
  while (open.size > 1) {
    if (!chain.length) chain.push(Math.min(...open));
    const last = chain[chain.length - 1];
    const before = chain[chain.length - 2] ?? -1;
    // Of equals the one before in the chain, so that it ends; else the first.
    let nearest = before;
    for (const other of open) {
      if (other !== last && (nearest < 0 || like[last][other] > like[last][nearest])) nearest = other;
    }
    if (like[last][nearest] < threshold) {
      // Nothing is alike enough to it, and joining others would not bring any closer.
      open.delete(last);
      chain.pop();
    } else if (nearest === before) {
      chain.length -= 2;
      const [kept, gone] = [Math.min(last, nearest), Math.max(last, nearest)];
      for (const other of open) {
        if (other === kept || other === gone) continue;
        const joint =
          (size[kept] * like[kept][other] + size[gone] * like[gone][other]) / (size[kept] + size[gone]);
        like[kept][other] = joint;
        like[other][kept] = joint;
      }
      size[kept] += size[gone];
      open.delete(gone);
      for (let i = 0; i < label.length; i++) if (label[i] === gone) label[i] = kept;
    } else {
      chain.push(nearest);
    }
  }
  const labelOf = new Map(unique.map((text, i) => [text, label[i]]));
  return programs.map((text) => labelOf.get(text)!);
}

// ---- Likeness ------------------------------------------------------------------------------------------------------

/** 0 to 1: twice the runs of one to three tokens that two programs share, over all of theirs (Dice). */
export function programLikeness(a: string, b: string): number {
  const [left, right] = indexedGrams([a, b]);
  return likeness(left, right);
}

function likeness(a: Int32Array, b: Int32Array): number {
  if (a.length + b.length === 0) return 1;
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      shared++;
      i++;
      j++;
    } else if (a[i] < b[j]) i++;
    else j++;
  }
  return (2 * shared) / (a.length + b.length);
}

/** Each program's runs of tokens as sorted numbers: the same run, the same number. */
function indexedGrams(programs: readonly string[]): Int32Array[] {
  const index = new Map<string, number>();
  return programs.map((program) => {
    const words = tokens(program);
    const grams: number[] = [];
    for (let i = 0; i < words.length; i++) {
      for (let n = 1; n <= 3 && i + n <= words.length; n++) {
        const gram = words.slice(i, i + n).join('\u0000');
        if (!index.has(gram)) index.set(gram, index.size);
        grams.push(index.get(gram)!);
      }
    }
    return Int32Array.from(grams).sort();
  });
}

const token =
  /#[^\n]*|("""|''')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\d[\w.]*|[\p{L}_][\p{L}\p{N}_]*|[^\s]/gu;
/** Words with a meaning of their own; others are names that a program gives, and count by the order in which they appear. */
const meant = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if ' +
    'import in is lambda nonlocal not or pass raise return try while with yield ' +
    'abs all any bin bool bytes chr dict divmod enumerate filter float frozenset hex int isinstance iter len list map max ' +
    'min next oct ord pow print range repr reversed round set slice sorted str sum tuple type zip'
  ).split(' '),
);

function tokens(program: string): string[] {
  const names = new Map<string, string>();
  const words: string[] = [];
  for (const [word] of program.matchAll(token)) {
    if (word.startsWith('#')) continue;
    const given = /^[\p{L}_]/u.test(word) && !meant.has(word) && words[words.length - 1] !== '.';
    if (!given) words.push(word);
    else {
      if (!names.has(word)) names.set(word, `name ${names.size}`);
      words.push(names.get(word)!);
    }
  }
  return words;
}
