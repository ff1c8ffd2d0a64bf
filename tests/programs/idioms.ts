/**
 * @file Pieces of Python as language models write them, each a few lines that make one value from others. generate.ts strings
 * them together.
 *
 * A piece begins with the kinds of its operands and of what it makes: "# ints int -> str". In it, A and B are the operands and OUT
 * is what it makes ("none": it changes A, or may leave f early). Lines above "--" stand outside f. «2..9» is a number,
 * «a¦b¦c» one of several texts, «word» a word; «n=2..9» is remembered and «n» is the same again.
 *
 * No piece shows the order of a set, an address or the last digits of a logarithm: those differ between good Pythons.
 */

export type Kind =
  | 'int'
  | 'float'
  | 'str'
  | 'bool'
  | 'ints'
  | 'floats'
  | 'strs'
  | 'dict' //  of ints, by str
  | 'pairs' // a list of (str, int)
  | 'grid' //  a list of lists of ints
  | 'set' //   of ints
  | 'words'; // a set of str

export interface Idiom {
  needs: Kind[];
  gives: Kind | 'none';
  /** Lines outside f. */
  above: string[];
  lines: string[];
}

const numbers = String.raw`
# ints -> int
OUT = «0¦1¦10»
for x in A:
    if x % «2..7» «==¦!=» «0..1»:
        OUT += x
    else:
        OUT -= «1..3»

# ints -> int
OUT = 0
for i, x in enumerate(A«¦, 1¦, start=2»):
    OUT «+=¦-=¦^=» i * x

# ints -> int
OUT = sum(x «**¦*» «2..3» for x in A if x «>¦<=» «0..9»)

# ints -> int
best = current = 0
for x in A:
    current = max(0, current + x)
    best = max(best, current)
OUT = best

# ints -> int
OUT = max(A, default=«0..9») - min(A, default=0)

# ints -> int
from functools import reduce
OUT = reduce(lambda acc, x: acc * «2..5» + x, A, «0..3»)

# int int -> int
OUT = A // (abs(B) + 1) + A % («3..11» «+¦*» 1)

# int int -> int
q, r = divmod(A, «-7..-2»)
OUT = q * «2..9» - r + B

# int int -> int
import math
OUT = math.gcd(A, B) + math.lcm(«2..9», abs(A) % 10 + 1)

# int -> int
n = abs(A) % 1000 + 1
steps = 0
while n != 1:
    n = n // 2 if n % 2 == 0 else 3 * n + 1
    steps += 1
    if steps > «40..90»:
        break
OUT = steps

# int -> int
OUT = 1
for i in range(2, abs(A) % «8..30» + 2):
    OUT *= i

# int -> int
a, b = 0, 1
for _ in range(abs(A) % «10..90»):
    a, b = b, a + b
OUT = a

# int -> int
OUT = (A «<<¦>>» «1..5») «^¦&¦|» «1..255»

# int -> int
OUT = bin(A & «255¦1023¦65535»).count('1') + abs(A).bit_length()

# int -> int
OUT = pow(A, «3..30», «97¦1009¦10007»)

# int -> int
def digit_sum(n):
    n = abs(n)
    return n if n < 10 else n % 10 + digit_sum(n // 10)
--
OUT = digit_sum(A) * «1..9»

# int -> int
from functools import lru_cache
@lru_cache(maxsize=None)
def ways(n):
    if n <= 1:
        return 1
    return ways(n - 1) + ways(n - 2) * «1..3»
--
OUT = ways(abs(A) % «5..40»)

# int -> int
def ackermann_like(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann_like(m - 1, 1)
    return ackermann_like(m - 1, ackermann_like(m, n - 1))
--
OUT = ackermann_like(abs(A) % 3, «1..4»)

# int -> int
import math
OUT = math.comb(abs(A) % 40 + «2..9», «2..5») - math.isqrt(abs(A))

# int -> int
OUT = ~A if A «>¦<» «0..20» else -(-A // «2..9»)

# int -> int
match A % «4..6»:
    case 0:
        OUT = A
    case 1 | 2:
        OUT = A * «2..9»
    case r if r > 3:
        OUT = -r
    case _:
        OUT = «10..99»

# int -> int
def make_counter(step):
    count = 0
    def bump():
        nonlocal count
        count += step
        return count
    return bump
--
bump = make_counter(A)
for _ in range(«2..6»):
    OUT = bump()

# int -> int
class Account:
    def __init__(self, balance):
        self.balance = balance
        self.log = []
    def deposit(self, amount):
        self.balance += amount
        self.log.append(('deposit', amount))
        return self
    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f'insufficient: {self.balance} < {amount}')
        self.balance -= amount
        self.log.append(('withdraw', amount))
        return self
--
account = Account(«50..100»)
try:
    account.deposit(A).withdraw(«20..200»)
except ValueError:
    account.log.clear()
OUT = account.balance * 10 + len(account.log)

# ints -> int
def gcd_all(values):
    if not values:
        return 0
    head, *tail = values
    rest = gcd_all(tail)
    while rest:
        head, rest = rest, head % rest
    return abs(head)
--
OUT = gcd_all(A)

# ints -> int
from bisect import bisect_left, bisect_right
ordered = sorted(A)
OUT = bisect_right(ordered, «3..15») - bisect_left(ordered, «-5..2»)

# ints -> int
import heapq
heap = list(A)
heapq.heapify(heap)
OUT = 0
while len(heap) > 1:
    pair = heapq.heappop(heap) + heapq.heappop(heap)
    OUT += pair
    heapq.heappush(heap, pair)
    if OUT > «50..500»:
        break

# ints int -> int
OUT = 0
low, high = 0, len(A) - 1
ordered = sorted(A)
while low <= high:
    mid = (low + high) // 2
    OUT += 1
    if ordered[mid] == B:
        break
    elif ordered[mid] < B:
        low = mid + 1
    else:
        high = mid - 1

# ints -> int
from itertools import combinations
OUT = sum(1 for a, b in combinations(A, 2) if (a «+¦*¦-» b) % «2..7» == «0..1»)

# ints -> int
from itertools import groupby
OUT = max((len(list(g)) for _, g in groupby(A, key=lambda x: x «% 2¦> 3¦% 3 == 0»)), default=0)

# str -> int
OUT = sum(1 for c in A«¦.lower()¦.upper()» if c in «'aeiou'¦'AEIOU'¦'xyz'¦' .,'»)

# str -> int
OUT = sum(ord(c) * (i + 1) for i, c in enumerate(A)) % «97¦1000¦10007»

# str -> int
OUT = A.«find¦count¦rfind»('«a¦e¦o¦an¦ ¦l»')

# str -> int
seen = {}
OUT = start = 0
for i, c in enumerate(A):
    if c in seen and seen[c] >= start:
        start = seen[c] + 1
    seen[c] = i
    OUT = max(OUT, i - start + 1)

# str -> int
depth = deepest = 0
for c in A:
    if c in '([«a¦e¦t»':
        depth += 1
        deepest = max(deepest, depth)
    elif c in ')]«o¦n¦s»':
        depth -= 1
OUT = deepest * 100 + depth

# str -> int
import re
OUT = sum(int(n) for n in re.findall(r'\d+', A)) + len(re.findall(r'\b\w', A))

# strs -> int
OUT = max(map(len, A), default=«0..3») + len(set(A))

# dict -> int
OUT = sum(v for k, v in A.items() if k «>¦<» '«e¦k¦p»')

# dict str -> int
OUT = A.get(B, «0..9») + A.setdefault('«word»', «1..9»)

# grid -> int
OUT = 0
for i, row in enumerate(A):
    for j, cell in enumerate(row):
        if (i + j) % «2..3» == 0:
            OUT += cell
        elif cell < 0:
            continue
        else:
            OUT -= 1

# grid -> int
def flood(grid, i, j, seen):
    if not (0 <= i < len(grid) and 0 <= j < len(grid[i])) or (i, j) in seen or grid[i][j] < «0..3»:
        return 0
    seen.add((i, j))
    return 1 + flood(grid, i + 1, j, seen) + flood(grid, i, j + 1, seen) + flood(grid, i - 1, j, seen)
--
OUT = flood(A, 0, 0, set())

# set -> int
OUT = len(A & set(range(«0..3», «6..20»))) + (max(A) if A else -1)

# words -> int
OUT = sum(len(w) for w in sorted(A))

# floats -> int
OUT = sum(int(x) if x >= 0 else round(x) for x in A)

# float -> int
import math
OUT = math.floor(A * «2..9») + math.ceil(A) - int(A / «2..5»)
`;

const texts = String.raw`
# str -> str
OUT = A[::«-1¦2¦-2»]

# str -> str
OUT = A.«upper¦lower¦title¦swapcase¦capitalize¦strip¦casefold»()

# str -> str
OUT = ''
for c in A:
    if c.isalpha():
        OUT += chr((ord(c.lower()) - 97 + «1..25») % 26 + 97)
    elif c.isdigit():
        OUT += str(9 - int(c)) if c.isascii() else '?'
    else:
        OUT += c

# str -> str
OUT = ''.join(c for i, c in enumerate(A) if i % «2..4» != «0..1» or c == ' ')

# str -> str
OUT = A.replace('«a¦e¦l¦ »', '«*¦__¦¦É¦\n¦\t»')«¦.strip()¦.rstrip('*')»

# str -> str
if not A:
    OUT = '«word»'
else:
    parts = []
    last, run = A[0], 0
    for c in A + '\0':
        if c == last:
            run += 1
            continue
        parts.append(f'{last}{run}' if run > 1 else last)
        last, run = c, 1
    OUT = ''.join(parts)

# str int -> str
OUT = A.«center¦ljust¦rjust»(abs(B) % 20 + len(A), '«-¦.¦ ¦·»')

# str int -> str
OUT = A[B % 7:]«¦ + A[:B % 7]»

# str -> str
OUT = ' '.join(word«[::-1]¦.capitalize()¦[:2]» for word in A.split())

# str -> str
import re
OUT = re.sub(r'«[aeiou]¦\s+¦\d¦(\w)\1¦[^\w\s]»', '«#¦-¦<>»', A)

# str -> str
table = str.maketrans('«abc¦aeo¦lmn»', '«123¦xyz¦ßñ☃»')
OUT = A.translate(table)

# str -> str
head, sep, tail = A.«partition¦rpartition»('«a¦ ¦e»')
OUT = f'{tail}{sep or "«|¦~»"}{head}'

# str -> str
OUT = max(A.split() or ['«word»'], key=lambda w: (len(w), w))

# str -> str
OUT = ''.join(sorted(A«¦, reverse=True¦, key=str.lower»))

# str -> str
def is_pal(s):
    return s == s[::-1]
--
best = ''
for i in range(len(A)):
    for j in range(i + 1, min(len(A), i + 12) + 1):
        if is_pal(A[i:j]) and j - i > len(best):
            best = A[i:j]
OUT = best

# str -> str
OUT = repr(A) + ascii(A[:«2..5»])

# str -> str
OUT = A.encode(«¦'utf-8'¦'utf-16-le'»).hex(«¦' '»)[:«20..60»]

# int -> str
OUT = f'{A:«d¦,¦+d¦08d¦x¦#b¦>12¦^9¦o¦e»}'

# int -> str
OUT = '«%d items¦%05d¦<%x>¦%+d¦%s!»' % A

# int -> str
digits = []
n = abs(A)
while n:
    n, d = divmod(n, «base=2..9»)
    digits.append(str(d))
OUT = ('-' if A < 0 else '') + (''.join(reversed(digits)) or '0')

# int -> str
OUT = 'fizz' * (A % «2..4» == 0) + 'buzz' * (A % «5..7» == 0) or str(A)

# int -> str
numerals = [(1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, 'XC'), (50, 'L'), (40, 'XL'), (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')]
n, OUT = abs(A) % 4000, ''
for value, symbol in numerals:
    while n >= value:
        OUT += symbol
        n -= value

# float -> str
OUT = f'{A:«.2f¦.0f¦8.3f¦+.1e¦g¦,.1f¦.1%¦010.2f»}'

# float int -> str
OUT = '{:.{p}f}|{!r:>8}'.format(A, B, p=«1..5»)

# strs -> str
OUT = '«, ¦-¦¦ / »'.join(A«¦[::-1]¦[1:]»)

# strs -> str
OUT = ''
for word in A:
    OUT += word[«0¦-1»:«¦1¦2»] or '_'

# strs -> str
OUT = ''
for letters in zip(*A):
    if len(set(letters)) > 1:
        break
    OUT += letters[0]

# strs -> str
OUT = min(A, key=lambda s: (s.count('a'), -len(s), s)) if A else '«word»'

# dict -> str
OUT = '; '.join(f'{k}={v:>3}' for k, v in sorted(A.items(), key=lambda kv: (-kv[1], kv[0])))

# ints -> str
OUT = ''.join(«chr(97 + abs(x) % 26)¦str(x % 10)¦hex(x)[-1]¦'.#'[x > 3]» for x in A)

# bool int -> str
OUT = 'yes' if A and B > «0..20» else 'no' if not A else 'maybe «é¦ü¦☃¦\U0001F600»'

# str -> str
import json
OUT = json.dumps({'«word»': A, 'size': len(A), 'flags': [True, None, «1..9».5]}«¦, sort_keys=True¦, ensure_ascii=False»)

# str -> str
from collections import deque
queue = deque(A, maxlen=«4..30»)
queue.rotate(«-3..5»)
queue.appendleft('«<¦[»')
OUT = ''.join(queue)

# str -> str
import textwrap
OUT = textwrap.fill(A * 2, «8..30»)
`;

const lists = String.raw`
# ints -> ints
OUT = [x «*¦+¦-» «2..9» for x in A if x «!=¦>¦<» «0..9»]

# ints -> ints
OUT = sorted(A, key=lambda x: («abs(x)¦x % 3¦-x¦x % 10», «x¦-x¦0»)«¦, reverse=True»)

# ints -> ints
OUT = list(dict.fromkeys(A))

# ints -> ints
OUT = []
total = 0
for x in A:
    total += x
    OUT.append(total«¦ % 7¦ // 2¦ - x»)

# ints -> ints
from itertools import accumulate
OUT = list(accumulate(A, «max¦min¦lambda a, b: a * 2 - b»«¦, initial=0»))

# ints -> ints
OUT = A[«::2¦1:-1¦::-1¦-3:¦:4¦5:0:-2»] + [«-9..9»]

# ints -> ints
OUT = A[:]
for i in range(len(OUT)):
    for j in range(len(OUT) - i - 1):
        if OUT[j] «>¦<» OUT[j + 1]:
            OUT[j], OUT[j + 1] = OUT[j + 1], OUT[j]

# ints -> ints
def quick(xs):
    if len(xs) <= 1:
        return xs
    pivot = xs[len(xs) // 2]
    return quick([x for x in xs if x < pivot]) + [x for x in xs if x == pivot] + quick([x for x in xs if x > pivot])
--
OUT = quick(A)«¦[::-1]»

# ints -> ints
def merge(a, b):
    out = []
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i] <= b[j]:
            out.append(a[i])
            i += 1
        else:
            out.append(b[j])
            j += 1
    return out + a[i:] + b[j:]
--
middle = len(A) // 2
OUT = merge(sorted(A[:middle]), sorted(A[middle:]))

# ints -> ints
def chunks(xs, n):
    for i in range(0, len(xs), n):
        yield xs[i:i + n]
--
OUT = [sum(part) for part in chunks(A, «2..4»)]

# ints ints -> ints
OUT = [a «+¦-¦*¦^» b for a, b in zip(A, B)]

# ints ints -> ints
from itertools import chain, zip_longest
OUT = [x for x in chain.from_iterable(zip_longest(A, B, fillvalue=«-1..1»)) if x is not None]

# int -> ints
OUT = [i «**¦*» 2 for i in range(A % «3..12») if i % «2..3»]

# int -> ints
n = abs(A) % «30..90» + 2
sieve = [True] * (n + 1)
for p in range(2, int(n ** 0.5) + 1):
    if sieve[p]:
        for multiple in range(p * p, n + 1, p):
            sieve[multiple] = False
OUT = [p for p in range(2, n + 1) if sieve[p]]

# int -> ints
n, d, OUT = abs(A) % 5000 + 2, 2, []
while n > 1:
    while n % d == 0:
        OUT.append(d)
        n //= d
    d += 1
    if d * d > n > 1:
        OUT.append(n)
        break

# int -> ints
def countdown(n):
    while n > 0:
        yield n
        n -= «1..3»
    return
--
OUT = [*countdown(A % «5..25»)]

# int -> ints
def collect(n, acc=None):
    acc = [] if acc is None else acc
    if n <= 0:
        return acc
    acc.append(n)
    return collect(n - «1..4», acc)
--
OUT = collect(abs(A) % 30)

# str -> ints
OUT = [«ord(c)¦A.index(c)¦len(c.encode())¦A.count(c)» for c in A«¦[:12]¦[::-3]»]

# strs -> ints
OUT = list(map(len, A))

# grid -> ints
OUT = [sum(row) for row in zip(*A)]

# grid -> ints
OUT = [x for row in A for x in row if x «%¦//» «2..4»]

# grid -> ints
OUT = []
matrix = [row[:] for row in A]
while matrix and matrix[0]:
    OUT += matrix.pop(0)
    matrix = [list(row) for row in zip(*matrix)][::-1]

# dict -> ints
OUT = sorted(A.values(), reverse=«True¦False»)

# set -> ints
OUT = sorted(A «|¦^¦-» {«1..9», «3..30»})

# ints -> ints
class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next
--
head = None
for x in A:
    head = Node(x, head)
OUT = []
while head is not None:
    OUT.append(head.value)
    head = head.next

# ints -> ints
class Stack:
    def __init__(self):
        self._items = []
    def push(self, item):
        self._items.append(item)
    def pop(self):
        return self._items.pop() if self._items else None
    def __len__(self):
        return len(self._items)
--
stack = Stack()
for x in A:
    if x < 0 and len(stack):
        stack.push(stack.pop() - x)
    else:
        stack.push(x)
OUT = [stack.pop() for _ in range(len(stack))]

# ints -> ints
from heapq import nlargest, nsmallest
OUT = nlargest(«2..4», A) + nsmallest(2, A, key=lambda x: -x % «3..7»)

# ints -> ints
import heapq
OUT = list(heapq.merge(sorted(A), [«1..3», «4..9», «10..30»]))

# ints -> ints
from operator import itemgetter
OUT = [i for i, x in sorted(enumerate(A), key=itemgetter(1))]

# ints -> ints
OUT = [y for x in A if (y := x * x - «2..30») > 0]

# ints -> ints
seen = set()
OUT = []
for x in A:
    if x in seen:
        break
    seen.add(x)
    OUT.append(x)
else:
    OUT.append(«-1..99»)

# ints -> floats
OUT = [x / «2..9» for x in A]

# ints -> floats
mean = sum(A) / len(A) if A else 0.0
OUT = [round(x - mean, «1..4») for x in A]

# floats -> floats
OUT = sorted((x * «0.1¦1.5¦-2.25¦3» for x in A), reverse=«True¦False»)

# floats -> floats
OUT = [(a + b) / 2 for a, b in zip(A, A[1:])]

# int -> floats
x = float(A % 100 + 1)
OUT = []
for _ in range(«3..7»):
    x = (x + «2..9» / x) / 2
    OUT.append(x)

# str -> strs
OUT = A.split(«¦' '¦'a'¦','»)

# str -> strs
OUT = [A[i:i + «n=2..4»] for i in range(0, len(A), «n»)]

# str -> strs
import re
OUT = re.split(r'[\s«,¦aeiou¦;-»]+', A)

# str -> strs
from itertools import permutations
OUT = sorted({''.join(p) for p in permutations(A[:«2..4»])})

# str -> strs
OUT = [f'{c!r}:{A.count(c)}' for c in sorted(set(A))][:«3..8»]

# strs -> strs
OUT = sorted(A, key=«len¦str.lower¦lambda s: s[::-1]¦lambda s: (len(s), s)»«¦, reverse=True»)

# strs -> strs
OUT = [s.«upper()¦title()¦zfill(8)¦strip('aeiou')¦removeprefix('b')¦expandtabs(2)» for s in A if s]

# strs -> strs
OUT = list(filter(«str.isalpha¦lambda s: len(s) > 3¦str.islower», A))

# ints -> strs
OUT = [«str(x)¦f'{x:03}'¦hex(x)¦'odd' if x % 2 else 'even'¦'*' * (x % 5)» for x in A]

# dict -> strs
OUT = [k for k in A if A[k] «>¦<=» «0..9»]

# words -> strs
OUT = sorted(A «|¦-¦^¦&» {'«word»', '«word»'})

# int int -> grid
OUT = [[i «*¦+¦-¦^» j for j in range(A % «3..6»)] for i in range(B % 4 + 1)]

# ints -> grid
OUT = [A[i:i + «n=2..4»] for i in range(0, len(A), «n»)]

# grid -> grid
OUT = [list(column) for column in zip(*A)]

# grid -> grid
OUT = [[cell * «2..9» if i == j else cell for j, cell in enumerate(row)] for i, row in enumerate(A)]

# int -> grid
OUT = [[1]]
for _ in range(A % «3..7»):
    last = OUT[-1]
    OUT.append([1, *[a + b for a, b in zip(last, last[1:])], 1])

# ints -> grid
OUT = [[]]
for x in A[:«2..4»]:
    OUT += [subset + [x] for subset in OUT]

# int -> grid
moves = []
def hanoi(n, a, b, c):
    if n:
        hanoi(n - 1, a, c, b)
        moves.append([n, a, c])
        hanoi(n - 1, b, a, c)
hanoi(A % 4, 1, 2, 3)
OUT = moves
`;

const tables = String.raw`
# str -> dict
OUT = {}
for c in A:
    OUT[c] = OUT.get(c, 0) + 1

# str -> dict
from collections import Counter
OUT = dict(Counter(A.«lower()¦upper()¦replace(' ', '')»).most_common(«2..5»))

# strs -> dict
OUT = {s: len(s) for s in A«¦ if len(s) > 2¦[::-1]»}

# strs -> dict
from collections import defaultdict
groups = defaultdict(list)
for s in A:
    groups[s[:1]].append(s)
OUT = {k: len(v) for k, v in groups.items()}

# strs ints -> dict
OUT = dict(zip(A, B))

# dict -> dict
OUT = {k: v «+¦*¦//¦%» «2..9» for k, v in A.items()}

# dict -> dict
OUT = dict(sorted(A.items(), key=lambda item: («item[1]¦-item[1]¦len(item[0])», item[0])))

# dict -> dict
OUT = {**A, '«word»': «1..99»} | {'«word»': len(A)}

# dict -> dict
from collections import Counter
first = Counter(A)
second = Counter('«word»')
OUT = dict(first «+¦-¦|¦&» second)

# ints -> dict
OUT = {'sum': sum(A), 'count': len(A), 'max': max(A, default=-1)}

# ints -> dict
OUT = dict(even=[], odd=[])
for x in A:
    OUT['odd' if x % 2 else 'even'].append(x)
OUT = {k: sum(v) for k, v in OUT.items()}

# str -> dict
from collections import OrderedDict
order = OrderedDict((c, i) for i, c in enumerate(A))
if order:
    order.move_to_end(A[0]«¦, last=False»)
OUT = dict(order)

# dict -> pairs
OUT = sorted(A.items()«¦, key=lambda kv: kv[1]¦, reverse=True»)

# str -> pairs
from collections import Counter
OUT = Counter(A).most_common(«2..6»)

# strs -> pairs
OUT = [(s, i) for i, s in enumerate(A)]

# strs ints -> pairs
OUT = list(zip(A, B))«¦[::-1]¦[:3]»

# str -> pairs
from itertools import groupby
OUT = [(k, len(list(g))) for k, g in groupby(A)]

# ints -> pairs
from dataclasses import dataclass, field
@dataclass(order=True)
class Item:
    weight: int
    name: str = '«word»'
    tags: list = field(default_factory=list)
--
items = sorted(Item(x % 7, chr(97 + i % 26)) for i, x in enumerate(A))
OUT = [(item.name, item.weight) for item in items]

# pairs -> pairs
OUT = sorted(A, key=lambda pair: (pair[1] «% 3¦* -1¦> 2», «pair[0]¦0»))

# pairs -> int
OUT = sum(n «*¦+» len(s) for s, n in A)

# pairs -> strs
OUT = [s * (n % 3) for s, n in A]

# pairs -> dict
OUT = {}
for key, n in A:
    OUT.setdefault(key[:1], 0)
    OUT[key[:1]] += n

# ints -> set
OUT = {x «% 5¦// 2¦* x¦+ 1» for x in A}

# ints -> set
OUT = set(A) «-¦|¦&¦^» {«0..9», «0..20», «5..30»}

# strs -> words
OUT = {s.«lower()¦upper()¦strip()» for s in A}

# str -> words
OUT = set(A.split()) | {'«word»'}

# int ints -> set
OUT = frozenset(x for x in B if x «>¦<» A)

# dict -> words
OUT = A.keys() - {'«word»', '«word»'}
OUT = set(OUT)

# ints -> bool
OUT = all(a «<=¦!=» b for a, b in zip(A, A[1:]))

# str -> bool
letters = [c.lower() for c in A if c.isalnum()]
OUT = letters == letters[::-1]

# str -> bool
OUT = «A.isalpha()¦A.isidentifier()¦A.startswith(('a', 'b', 't'))¦A.istitle()¦'e' in A¦A.isnumeric()»

# int -> bool
OUT = A > 1 and all(A % d for d in range(2, min(abs(A), 60) // 2 + 1))

# int int -> bool
OUT = «A < B¦A == B¦not (A and B)¦A is None¦0 <= A < B¦(A ^ B) & 1 == 0»

# str -> bool
import re
OUT = re.«match¦search¦fullmatch»(r'«[a-m]+¦(\w+)\s\w+¦.*\d$¦^\W»', A) is not None

# str -> bool
pairs_of = {')': '(', ']': '[', '}': '{'}
stack = []
OUT = True
for c in A:
    if c in pairs_of.values():
        stack.append(c)
    elif c in pairs_of and (not stack or stack.pop() != pairs_of[c]):
        OUT = False
OUT = OUT and not stack

# set ints -> bool
OUT = A «<=¦>=¦==¦<» set(B)

# int int -> float
OUT = A / (B or «1..9»)

# ints -> float
OUT = sum(A) / max(len(A), 1)

# ints -> float
import statistics
OUT = float(statistics.«mean¦median¦median_low»(A)) if A else «0..9».«1..9»

# ints -> float
import math
OUT = round(math.sqrt(sum(x * x for x in A)), «2..6»)

# floats -> float
OUT = sum(A) «*¦+¦-» «0.1¦1e3¦2.5»

# floats -> float
OUT = max(A, key=lambda x: (x - «1..9») ** 2, default=0.0)

# float -> float
OUT = A «*¦-¦+» «0.1¦0.3¦1e-3¦1e16¦7.25»

# float float -> float
OUT = abs(A - B) % «2..5».«1..9»

# int -> float
import math
OUT = round(math.«log(abs(A) + 1)¦sin(A % 10)¦exp(A % 5)¦atan2(A % 7, 3)¦pi * (A % 50)», «2..6»)

# int int -> float
from fractions import Fraction
part = Fraction(A, abs(B) + «1..9») + Fraction(«1..9», «2..9»)
OUT = part.numerator / part.denominator

# str -> float
OUT = float(len(A)) ** «2¦3¦0.5» / «2..9»

# bool -> int
OUT = int(A) + True * «1..9»

# bool bool -> bool
OUT = A «and not¦or¦^¦!=» B

# ints -> ints
class Matrix:
    def __init__(self, rows):
        self.rows = rows
    def __matmul__(self, other):
        return Matrix([[sum(a * b for a, b in zip(r, c)) for c in zip(*other.rows)] for r in self.rows])
    def __eq__(self, other):
        return self.rows == other.rows
    def __repr__(self):
        return f'Matrix({self.rows})'
--
step = Matrix([[1, 1], [1, 0]])
power = Matrix([[1, 0], [0, 1]])
for _ in range(len(A) + «2..20»):
    power = power @ step
OUT = power.rows[0]

# strs -> int
class Animal:
    sound = '...'
    def __init__(self, name):
        self.name = name
    def speak(self):
        return f'{self.name} says {self.sound}'
class Dog(Animal):
    sound = 'woof'
class Cat(Animal):
    sound = 'meow'
    def speak(self):
        return super().speak().upper()
--
animals = [(Dog if len(s) % 2 else Cat)(s) for s in A]
OUT = sum(len(animal.speak()) for animal in animals)

# dict -> dict
def memoize(fn):
    cache = {}
    def wrapper(n):
        if n not in cache:
            cache[n] = fn(n)
        return cache[n]
    return wrapper
@memoize
def stairs(n):
    return 1 if n < 2 else stairs(n - 1) + stairs(n - 2)
--
OUT = {k: stairs(v % 25) for k, v in A.items()}
`;

/** These leave f early, change what they are given, or may raise. */
const turns = `
# ints -> none
A.sort(«¦reverse=True¦key=lambda x: x % 4»)

# ints -> none
A.«append(7)¦insert(1, 12)¦extend([4, 0])¦reverse()»

# ints -> none
if not A:
    return «None¦0¦[]¦'empty'¦False»

# str -> none
if len(A) < «2..4»:
    return A«¦ * 2¦.upper()»

# int -> none
if A < «-5..0»:
    return «-1¦'negative'¦abs(A)¦(A, None)»

# ints -> none
while len(A) > «4..8»:
    A.pop()

# ints -> none
first, *middle, last = A or [«1..9»] * 2
A[:] = [last, *middle, first]

# dict -> none
for key in list(A):
    if A[key] % 2:
        del A[key]

# dict -> none
A.update(«word»=«1..9», **{'«word»': «1..9»})

# set -> none
A.discard(«1..9»)

# grid -> none
for row in A:
    row.append(sum(row))

# ints -> int
try:
    OUT = A[«3..9»] // A[«0..2»]
except (IndexError, ZeroDivisionError) as error:
    OUT = len(type(error).__name__)
finally:
    A = A[::-1]

# strs -> int
OUT = 0
for s in A:
    try:
        OUT += int(s«¦, 16¦, 36»)
    except ValueError:
        OUT -= 1

# dict -> int
try:
    OUT = A['«word»']
except KeyError as missing:
    OUT = len(missing.args[0])

# str -> int
class ParseError(Exception):
    pass
def parse(text):
    if not text.isdigit():
        raise ParseError(f'not a number: {text!r}')
    return int(text)
--
try:
    OUT = parse(A)
except ParseError as error:
    OUT = len(str(error))

# int -> ints
def evens():
    n = «0..4»
    while True:
        yield n
        n += 2
--
OUT = []
for n in evens():
    if n > abs(A) % «10..40»:
        break
    OUT.append(n)

# int -> ints
from itertools import count, islice, takewhile
OUT = list(islice((x * x for x in count(abs(A) % 9) if x % «2..3»), «3..6»))

# ints -> int
from functools import partial
clamp = partial(min, «10..20»)
OUT = sum(clamp(x) for x in A)
`;

/** Rare on purpose: most of the programs that hold one of these raise, or return what no task may return. */
const failing = `
# ints -> int
OUT = A[«2..9»]

# int -> int
OUT = «100..999» // (A % «2..4»)

# str -> int
OUT = int(A)

# dict -> int
OUT = A['«word»']

# int -> int
if A «>¦<» «0..9»:
    raise «ValueError¦KeyError¦RuntimeError»('«word»')
OUT = A

# str int -> str
OUT = A + B

# ints -> int
assert len(A) «>¦<» «2..6», '«word»'
OUT = len(A)

# int -> int
class TooSmall(Exception):
    def __init__(self, value):
        super().__init__(f'{value} is too small')
        self.value = value
--
if A < «5..60»:
    raise TooSmall(A)
OUT = A - 5

# ints -> int
OUT = A.index(«0..9»)

# int -> int
def forever(n):
    return forever(n + 1) + 1
--
OUT = forever(A) if A «% 3 == 0¦> 5» else A

# strs -> str
OUT = A.pop().missing_method()

# int -> str
OUT = '«ab¦xyz¦é☃»' * (abs(A) % 50 * 20)

# int -> ints
OUT = list(range(abs(A) % 90 * «7..40»))

# ints -> ints
OUT = map(lambda x: x + 1, A)

# ints -> ints
OUT = (x * x for x in A)

# int -> int
from decimal import Decimal
OUT = Decimal(A) / «2..9»

# int -> float
OUT = float('«nan¦inf¦-inf»')

# grid -> int
OUT = A[«0..4»][«0..5»]

# ints -> int
a, b, *rest = A
OUT = a * b - len(rest)
`;

export const idioms = read(numbers, texts, lists, tables, turns);
export const failingIdioms = read(failing);

function read(...sheets: string[]): Idiom[] {
  const blocks = sheets.flatMap((sheet) => sheet.trim().split(/\n\n+/));
  return blocks.map((block) => {
    const [head, ...rest] = block.split('\n');
    const [needs, gives] = head.replace('# ', '').split(' -> ');
    const split = rest.indexOf('--');
    return {
      needs: needs.split(' ') as Kind[],
      gives: gives as Kind,
      above: split < 0 ? [] : rest.slice(0, split),
      lines: rest.slice(split + 1),
    };
  });
}
