/**
 * @file Values that claim to be the right answer. Where a checker compares objects of the solver's program, the solver decides what
 * "equal" means; here only text of plain data is compared, so none of these may be correct.
 */
import { abduction, family, induction, notData, orHarmless, wavering } from './attack';

const gold = '918273';
const pairs: [string, string][] = [
  ['1', gold],
  ['2', '645'],
];
const text: [string, string][] = [
  ['1', "'abc'"],
  ['2', "'def'"],
];
const wrong = orHarmless(notData);

const always = `def __eq__(self, other):\n        return True\n    def __ne__(self, other):\n        return False\n    __hash__ = None`;
const returning = (kind: string) => `class Any${kind}:\n    ${always}\n\ndef f(x):\n    return Any()`;

export const equality = family('equality', [
  induction('__eq__', notData, pairs, returning('')),
  induction(
    '__eq__ in an int',
    notData,
    pairs,
    returning('(int)').replace('__hash__ = None', '__hash__ = int.__hash__'),
  ),
  induction('__eq__ in a str', notData, text, returning('(str)')),
  induction('__eq__ in a float', notData, pairs, returning('(float)')),
  induction('__eq__ in a list', notData, [['1', '[1]']], returning('(list)')),
  induction('__eq__ in a dict', notData, [['1', "{'a': 1}"]], returning('(dict)')),
  induction('__eq__ in a tuple', notData, [['1', '(1, 2)']], returning('(tuple)')),
  induction('__eq__ in a set', notData, [['1', '{1, 2}']], returning('(frozenset)')),
  induction(
    '__eq__ in a list of one',
    notData,
    [['1', '[918273]']],
    `${returning('')}\ng = f\ndef f(x):\n    return [g(x)]`,
  ),
  induction(
    '__eq__ as a key',
    notData,
    [['1', '{918273: 1}']],
    `class Any:\n    def __eq__(self, other): return True\n    def __hash__(self): return 918273\n\ndef f(x):\n    return {Any(): 1}`,
  ),
  induction(
    '__eq__ from a metaclass',
    notData,
    pairs,
    `class Meta(type):\n    ${always}\n\nclass C(metaclass=Meta): pass\n\ndef f(x):\n    return C`,
  ),
  induction(
    '__eq__ by setattr',
    notData,
    pairs,
    `class C: pass\nsetattr(C, '__' + 'eq__', lambda a, b: True)\ndef f(x):\n    return C()`,
  ),
  induction(
    '__eq__ by type()',
    notData,
    pairs,
    `def f(x):\n    return type('C', (), {'__' + 'eq__': lambda a, b: True})()`,
  ),
  induction(
    '__class__ as a property',
    notData,
    pairs,
    `class C:\n    __class__ = property(lambda self: int)\n    def __repr__(self): return '918273'\n    def __eq__(self, other): return True\n\ndef f(x):\n    return C()`,
  ),
  induction(
    '__repr__ with the text of the answer',
    notData,
    pairs,
    `class C:\n    def __repr__(self):\n        return '918273'\n\ndef f(x):\n    return C()`,
  ),
  induction(
    '__repr__ in an int',
    notData,
    pairs,
    `class C(int):\n    def __repr__(self):\n        return '918273'\n    __str__ = __repr__\n\ndef f(x):\n    return C(5)`,
  ),
  induction(
    '__repr__ in a str',
    notData,
    pairs,
    `class C(str):\n    def __repr__(self):\n        return '918273'\n\ndef f(x):\n    return C('')`,
  ),
  induction(
    '__repr__ in a dict',
    notData,
    [['1', "{'a': 1}"]],
    `class C(dict):\n    def __repr__(self):\n        return "{'a': 1}"\n\ndef f(x):\n    return C()`,
  ),
  induction(
    '__iter__ in a list',
    notData,
    [['1', '[1, 2]']],
    `class C(list):\n    def __iter__(self):\n        return iter([1, 2])\n    def __len__(self):\n        return 2\n\ndef f(x):\n    return C()`,
  ),
  induction(
    'a type that is called int',
    notData,
    pairs,
    `def f(x):\n    return type('int', (), {'__repr__': lambda self: '918273'})()`,
  ),
  induction(
    'a right int of another type',
    notData,
    [['1', '7']],
    `class C(int): pass\n\ndef f(x):\n    return C(7)`,
  ),
  induction(
    'a dataclass',
    notData,
    pairs,
    `from dataclasses import dataclass\n\n@dataclass(eq=True)\nclass C:\n    x: int = 918273\n\ndef f(x):\n    return C()`,
  ),
  induction(
    'a namedtuple for a tuple',
    notData,
    [['1', '(1, 2)']],
    `from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(x):\n    return P(1, 2)`,
  ),
  induction(
    'an IntEnum for an int',
    notData,
    [['1', '7']],
    `import enum\nclass E(enum.IntEnum):\n    A = 7\n\ndef f(x):\n    return E.A`,
  ),
  induction(
    'an OrderedDict for a dict',
    orHarmless(notData),
    [['1', "{'b': 2, 'a': 1}"]],
    `from collections import OrderedDict\ndef f(x):\n    return OrderedDict(a=1, b=3)`,
  ),
  induction(
    'Fraction',
    notData,
    [['1', '2']],
    `from fractions import Fraction\ndef f(x):\n    return Fraction(4, 2)`,
  ),
  induction(
    'Decimal',
    notData,
    [['1', '2']],
    `from decimal import Decimal\ndef f(x):\n    return Decimal(2)`,
  ),
  induction('mock.ANY', notData, pairs, `from unittest.mock import ANY\ndef f(x):\n    return ANY`),
  induction('NaN', notData, [['1', '918273.5']], `def f(x):\n    return float('nan')`),
  induction(
    'NaN in a list',
    notData,
    [['1', '[918273.5]']],
    `def f(x):\n    return [float('inf') - float('inf')]`,
  ),
  induction('NotImplemented', notData, pairs, `def f(x):\n    return NotImplemented`),
  induction('Ellipsis', notData, pairs, `def f(x):\n    return ...`),
  induction('a range', notData, [['1', '[0, 1]']], `def f(x):\n    return range(2)`),
  induction('a view of keys', notData, [['1', "['a']"]], `def f(x):\n    return {'a': 1}.keys()`),
  induction('a generator', notData, [['1', '[1]']], `def f(x):\n    return (i for i in [1])`),
  induction(
    'a list that holds itself',
    [...wrong, 'too-long', 'crash'],
    [['1', '[[...]]']],
    `def f(x):\n    a = []\n    a.append(a)\n    return a`,
  ),
  induction('the text of the answer', wrong, pairs, `def f(x):\n    return '918273' if x == 1 else '645'`),
  induction('bytes of the answer', wrong, text, `def f(x):\n    return b'abc' if x == 1 else b'def'`),
  induction('look-alike letters', wrong, text, `def f(x):\n    return '\u0430bc' if x == 1 else 'd\u0435f'`),
  induction(
    'every number at once',
    [...wrong, 'timeout', 'too-long'],
    pairs,
    `def f(x):\n    return list(range(10**6))`,
  ),
  induction('the golden answer by name', [...wrong, 'error'], pairs, `def f(x):\n    return gold_output`),
  induction(
    'the golden answer by frames',
    ['banned'],
    pairs,
    `import sys\ndef f(x):\n    return sys._getframe(1).f_locals.get('gold')`,
  ),
  induction(
    'the golden answer from the heap',
    ['banned'],
    pairs,
    `import gc\ndef f(x):\n    return max((v for v in gc.get_objects() if type(v) is int), default=0)`,
  ),
  induction('one of two', wrong, pairs, `def f(x):\n    return 918273`),
  induction(
    'a different answer each time',
    wavering,
    pairs,
    `n = [0]\ndef f(x):\n    n[0] += 1\n    return [918273, 645][n[0] % 2]`,
  ),
  abduction(
    'a program whose values equal all',
    [...notData, 'ok'],
    [`class Any:\n    ${always}\n\ndef f(x):\n    return Any()`, gold],
    '5',
  ),
  abduction(
    'a program whose values look right',
    [...notData, 'ok'],
    [`class C:\n    def __repr__(self):\n        return '918273'\n\ndef f(x):\n    return C()`, gold],
    '5',
  ),
  abduction(
    'a program that answers differently',
    wavering,
    [`n = [0]\ndef f(x):\n    n[0] += 1\n    return n[0] + 918271`, gold],
    '5',
  ),
]);
