import type { KubernetesObject } from "../../kubernetes/object.ts";

/**
 * What expressions give, by the API server's word: `expression.test.ts` holds the engine to this table, `expression.live.test.ts`
 * the table to a real API server.
 */
export const CASES: readonly (readonly [expression: string, result: string | Failure])[] = [
  // Strings count code points, not UTF-16 units.
  ["object.data.text.split('/').join('|')", "a|b|c"],
  ["object.data.text.split('/', 2).join('|')", "a|b/c"],
  ["object.data.text.split('/', 1).join('|')", "a/b/c"],
  ["string(size(object.data.text.split('/', 0)))", "0"],
  ["object.data.text.split('/', -1).join('|')", "a|b|c"],
  ["object.data.text.split('').join('|')", "a|/|b|/|c"],
  ["string(object.data.empty.split(',').size())", "1"],
  ["string(size(object.data.emoji))", "3"],
  ["object.data.emoji.charAt(1)", "b"],
  ["object.data.emoji.charAt(0)", "😀"],
  ["string(object.data.emoji.indexOf('b'))", "1"],
  ["string(object.data.emoji.lastIndexOf('c'))", "2"],
  ["string(object.data.text.indexOf('/', 2))", "3"],
  ["string(object.data.text.lastIndexOf('/', 2))", "1"],
  ["string(object.data.text.indexOf('z'))", "-1"],
  ["string(object.data.text.indexOf('a', 9)) + string(object.data.text.lastIndexOf('a', 9))", "-1-1"],
  ["string(object.data.text.indexOf('', 5)) + string(object.data.text.lastIndexOf(''))", "55"],
  ["string(object.data.text.indexOf('a', -1))", "error"],
  ["object.data.emoji.substring(1)", "bc"],
  ["object.data.emoji.substring(0, 2)", "😀b"],
  ["object.data.text.substring(2, 1)", "error"],
  ["object.data.text.substring(0, 99)", "error"],
  ["object.data.text.replace('/', '.')", "a.b.c"],
  ["object.data.text.replace('/', '.', 1)", "a.b/c"],
  ["'AbC'.lowerAscii() + 'AbC'.upperAscii() + '  x '.trim()", "abcABCx"],
  ["['a', 'b'].join()", "ab"],
  // RE2, which has no look-ahead and looks anywhere in the text
  ["string(object.data.text.matches('b'))", "true"],
  ["string(object.data.text.matches('^b'))", "false"],
  ["string('a\\nb'.matches('^a$'))", "false"],
  // A key is there, whatever its value; one that is not there is an error, which || and && can do without.
  ["string('text' in object.data)", "true"],
  ["string('nothing' in object.data)", "false"],
  ["string(has(object.data.nothing))", "false"],
  ["string(has(object.nothing.at.all))", "error"],
  ["string('a' in {'a': null})", "true"],
  ["string(has({'a': null}.a))", "true"],
  ["string({'a': null}.a == null)", "true"],
  ["string(object.data.nothing == '' || true)", "true"],
  ["string(true || object.data.nothing == '')", "true"],
  ["string(object.data.nothing == '' && false)", "false"],
  ["string(object.data.nothing == '' || false)", "error"],
  ["string([1, 2].exists(x, x == 2 || object.data.nothing == ''))", "true"],
  ["string([1, 2].all(x, x < 2 || object.data.nothing == ''))", "error"],
  ["string(oldObject == null)", "true"],
  ["string(object.kind + object.apiVersion)", "ConfigMapv1"],
  ["request.operation + request.kind.kind + request.resource.resource", "CREATEConfigMapconfigmaps"],
  ["request.name + request.namespace", "examplecel-cases"],
  ["namespaceObject.metadata.name", "cel-cases"],
  ["string('kubernetes.io/metadata.name' in namespaceObject.metadata.labels)", "true"],
  ["string(has(request.subResource) && request.subResource != '')", "false"],
  // Numbers
  ["string(7 / 2) + string(-7 % 3) + string(1.0 / 4.0)", "3-10.25"],
  ["string(1 / 0)", "error"],
  ["string(9223372036854775807 + 1)", "error"],
  ["string(int('12') + size('abc'))", "15"],
  ["string(type(1) == int && type(1.0) == double && type('') == string)", "true"],
  ["string(dyn(1) == 1.0 && dyn(2) > 1.5)", "true"],
  ["string([1, 2] + [3] == [1, 2, 3])", "true"],
  ["string({'a': [1]} == {'a': [1]})", "true"],
  // Quantities
  ["string(quantity('1Gi').isGreaterThan(quantity('1G')))", "true"],
  ["string(quantity('1000m').compareTo(quantity('1')))", "0"],
  ["string(quantity('1000m') == quantity('1'))", "true"],
  ["string(quantity('50k').add('20k') == quantity('70k'))", "type"],
  ["string(quantity('50k').add(quantity('20k')) == quantity('70k'))", "true"],
  ["string(quantity('50k').sub(20000).asInteger())", "30000"],
  ["string(isQuantity('1Gi')) + string(isQuantity('1KB')) + string(isQuantity(' 1'))", "truefalsefalse"],
  ["string(quantity('1.5').isInteger())", "false"],
  ["string(quantity('x') == quantity('1'))", "error"],
  // Addresses
  ["string(cidr('10.0.0.0/8').containsCIDR('10.20.0.0/16'))", "true"],
  ["string(cidr('10.0.0.0/8').containsCIDR('10.0.0.0/7'))", "false"],
  ["string(cidr('10.0.0.0/8').containsCIDR(cidr('11.0.0.0/16')))", "false"],
  ["string(cidr('10.20.30.40/8').containsCIDR('10.99.0.1/16'))", "true"],
  ["string(cidr('10.0.0.0/8').containsCIDR('::/0'))", "false"],
  ["string(cidr('::/0').containsCIDR('2001:db8::/32'))", "true"],
  ["string(cidr('0.0.0.0/0').containsIP('203.0.113.1'))", "true"],
  ["string(cidr('2001:db8::/32').containsIP(ip('2001:db8::1')))", "true"],
  ["string(cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8'))", "true"],
  ["string(cidr('10.0.0.0/8').prefixLength()) + string(ip('::1').family())", "86"],
  ["string(isCIDR('10.0.0.0/8')) + string(isCIDR('10.0.0.0/33')) + string(isCIDR('10.0.0.0'))", "truefalsefalse"],
  ["string(isCIDR('010.0.0.0/8')) + string(isCIDR('10.0.0.0/08')) + string(isCIDR('10.0.0/8'))", "falsefalsefalse"],
  ["string(isIP('::ffff:10.0.0.1')) + string(isIP('fe80::1%eth0')) + string(isIP('::1'))", "falsefalsetrue"],
  ["string(isCIDR('::ffff:10.0.0.0/104'))", "false"],
  ["string(cidr('nowhere').prefixLength())", "error"],
  // Lists
  ["string([1, 2, 3].isSorted()) + string([3, 1].isSorted())", "truefalse"],
  ["string([1, 2, 3].sum()) + string([2, 9].max()) + string([2, 9].min())", "692"],
  ["string(['a', 'b'].map(x, x + '!').filter(x, x != 'a!'))", "type"],
  ["['a', 'b'].map(x, x + '!').filter(x, x != 'a!').join()", "b!"],
  ["string([1, 2, 2].exists_one(x, x == 2))", "false"],
  // What cel-go's checker refuses
  ["true || nobody ? 'a' : 'b'", "compile"],
  ["true || nothing(1) ? 'a' : 'b'", "compile"],
  ["true || 'x'.nothing() ? 'a' : 'b'", "compile"],
  ["true || variables.nobody == 1 ? 'a' : 'b'", "compile"],
  ["string(size([1, 'a']))", "compile"],
  ["string(size({'a': 1, 'b': 'c'}))", "compile"],
  ["'a' +", "compile"],
];

/**
 * `error`: while it is evaluated. `compile`: already when it is compiled. `type`: the API server compiles it not, for its
 * types; the engine, which has no type checker, errs when it evaluates it.
 */
export type Failure = "error" | "compile" | "type";

/** The object, created in a namespace of that name, over which the expressions are evaluated. */
export const OBJECT: KubernetesObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "example", namespace: "cel-cases" },
  data: { text: "a/b/c", empty: "", emoji: "😀bc" },
};

export const NAMESPACE: KubernetesObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "cel-cases" } };
