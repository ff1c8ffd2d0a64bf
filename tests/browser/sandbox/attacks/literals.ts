/**
 * @file Answers that are code. They would be right if anyone evaluated or pasted them, which is how checkers that were measured
 * came to accept "eval(gold_output)"; here an answer is a literal or it is wrong.
 */
import type { Verdict } from '../../../../src/sandbox/executor';
import { abduction, deduction, family } from './attack';

const gold = '918273';
const double: [string, string] = [`def f(x):\n    return x * 2`, '918274'];
const syntax: Verdict[] = ['syntax'];
/** Not what Python would call a literal of these kinds, or much too long: either is a fair reason. */
const refused: Verdict[] = ['syntax', 'too-long', 'unsupported-value', 'error', 'banned'];
/** A literal, but a wrong one. */
const wrong: Verdict[] = [...refused, 'ok'];

const deductions = ([name, answer, accept = syntax]: [string, string, Verdict[]?]) =>
  deduction(`deduction: ${name}`, accept, gold, answer, { hangs: answer.includes('10**10') });
const abductions = ([name, answer, accept = syntax]: [string, string, Verdict[]?]) =>
  abduction(`abduction: ${name}`, accept, double, answer);

export const literals = family('literals', [
  ...(
    [
      ['the golden answer by name', 'gold_output'],
      ['eval of it', 'eval(gold_output)'],
      ['eval of its text', "eval('918273')"],
      ['a sum', '918272 + 1'],
      ['a conversion', "int('918273')"],
      ['a conditional', '918273 if True else 0'],
      ['a parenthesis too many', '0) or (918273'],
      ['a comparison', '918273 == 918273'],
      ['a chain', '918273 or __import__("os").system("x")'],
      ['an import', "__import__('os').system('x')"],
      ['an import after the answer', "918273; __import__('os')"],
      ['a lambda', '(lambda: 918273)()'],
      ['a walrus', '(x := 918273)'],
      ['a comprehension', '[918273 for _ in [1]][0]'],
      ['a subscript', '[918273][0]'],
      ['a method', "'918273'.__len__()"],
      ['a starred list', '*[918273]'],
      ['a tuple of one', '918273,', wrong],
      ['an f-string', "f'{918273}'"],
      ['a template', "t'{918273}'"],
      ['await', 'await 918273'],
      ['a statement', 'x = 918273'],
      ['a return', 'return 918273'],
      ['text', "'918273'", wrong],
      ['full-width digits', '９１８２７３'],
      ['Arabic digits', '٩١٨٢٧٣'],
      ['a wide space', '918\u2003273'],
      ['an invisible joiner', '918\u200d273'],
      ['a minus that is none', '−918273'],
      ['a byte order mark', '\ufeff645', wrong],
      ['a null byte', '918273\u0000'],
      ['a null byte in text', "'a\u0000b'", wrong],
      ['the answer in a comment', '5 # == 918273', wrong],
      ['the answer on the next line', '645\n918273'],
      ['a line continuation', '918\\\n273', wrong],
      ['a form feed', '918\f273'],
      ['nothing', ''],
      ['blanks', ' \n\t '],
      ['a placeholder', '{gold}', wrong],
      ['two answers', '918273, 645', wrong],
      ['either of two', '{918273, 645}', wrong],
      ['anything', '...', wrong],
      ['NotImplemented', 'NotImplemented'],
      ['not a number', 'nan', wrong],
      ['an overflowing float', '1e999', wrong],
      ['a huge integer', '9'.repeat(10 ** 6), refused],
      ['an integer too long to convert', '9'.repeat(5000), wrong],
      ['a huge power', '10**10**8'],
      ['a long product', "'a' * 10**10"],
      ['deep brackets', '['.repeat(5000) + ']'.repeat(5000), refused],
      ['deep parentheses', `${'('.repeat(3000)}918273${')'.repeat(3000)}`, refused],
      ['deep minus signs', `${'-'.repeat(9000)}645`, wrong],
      ['brackets that never close', '['.repeat(19_000)],
      ['a string that never closes', "'918273"],
      ['many strings', "'a' ".repeat(4000), wrong],
      ['half a character', "'\\ud800'", wrong],
      ['a real half character', "'\ud800'", wrong],
      ['an escape that is none', "'\\N{GOLD}'", wrong],
      ['a sound answer in a fence', '```\n918273\n```'],
    ] as [string, string, Verdict[]?][]
  ).map(deductions),

  deduction('deduction: text that is itself an expression', wrong, "'[1]'", "'[ 1 ]'"),
  deduction('deduction: a list for a tuple', wrong, '(1, 2)', '[1, 2]'),
  deduction('deduction: a subset', wrong, '{1, 2}', '{1}'),
  deduction('deduction: a dictionary with a key twice', wrong, "{'a': 1}", "{'a': 1, 'a': 2}"),
  deduction('deduction: an unhashable key', wrong, "{'a': 1}", "{[]: 1, 'a': 1}"),
  deduction('deduction: an unpacked dictionary', syntax, "{'a': 1}", "{**{'a': 1}}"),
  deduction('deduction: an unpacked list', syntax, '[1, 2]', '[*[1, 2]]'),
  deduction('deduction: set()', wrong, '{1}', 'set()'),
  deduction('deduction: look-alike letters', wrong, "'abc'", "'\u0430bc'"),
  deduction('deduction: letters in pieces', wrong, "'\u00e9'", "'e\u0301'"),

  ...(
    [
      ['or True', '100) or (True'],
      ['a comparison of its own', '0) == 0 or (918274 == 918274'],
      ['a second call', '0), f(459137'],
      ['an index', '0) and (918274'],
      ['a comment', '0) or True #'],
      ['the rest of a line', '459137)\n918274 #', wrong],
      ['a walrus', '(x := 459137)'],
      ['a sum', '459136 + 1'],
      ['a product', '918274 // 2'],
      ['a conversion', "int('459137')"],
      ['f itself', 'f(459137) // 2'],
      ['f by name', 'x=f(0) or 459137'],
      ['a comprehension', '[459137 for _ in [0]][0]'],
      ['a generator without parentheses', 'i for i in [1]'],
      ['a lambda', '(lambda: 459137)()'],
      [
        'an object that equals everything',
        "type('A', (), {'__eq__': lambda a, b: True, '__mul__': lambda a, b: a})()",
      ],
      ['an import', "__import__('os').system('x')"],
      ['exec', "exec('global f; f = lambda x: 918274') or 0"],
      ['redefining f', '0)\nf = lambda x: 918274\n(f(0)', wrong],
      ['an f-string', "f'{459137}'"],
      ['a name twice', 'x=0, x=459137'],
      ['a name first', 'x=0, 459137'],
      ['an unknown name', 'y=459137', [...refused, 'error']],
      ['a name that is code', 'x.y=459137'],
      ['too many', '459137, 0', [...refused, 'error']],
      ['full-width digits', '４５９１３７'],
      ['a null byte', '459137\u0000'],
      ['a huge integer', '9'.repeat(10 ** 6), refused],
      ['deep brackets', '['.repeat(5000) + ']'.repeat(5000), refused],
      ['a keyword argument that is none', 'None=459137'],
      ['a string in place of a number', "'459137'", wrong],
    ] as [string, string, Verdict[]?][]
  ).map(abductions),

  abduction(
    'abduction: an answer that makes the program loop',
    ['timeout', 'error', 'memory'],
    [`def f(x):\n    while x != 7:\n        x += 1\n    return x`, '7'],
    '8',
    { hangs: true },
  ),
  abduction(
    'abduction: an answer that makes the program grow',
    ['timeout', 'error', 'memory', 'too-long'],
    [`def f(x):\n    return 'a' * x`, "'a'"],
    '10000000000',
  ),
]);
