array(1, 2, null), array(1, 2.5BD), array('a', null), array(array(1), array(2, 3)), map(1, 'a', 2, 'b'), map('x', 1, 'y', 2.5D), struct(1, 'a'), named_struct('a', 1, 'b c', null)
array(1, 'a')
array(1, array(1))
map(1)
map(CAST(null AS INT), 1)
map(1, 'a', 1, 'b')
named_struct('a')
named_struct(1, 2)
SELECT struct(a, b, a + 1) FROM VALUES (1, 'x') t(a, b)
SELECT s.a, s.b.c, x.a FROM (SELECT named_struct('a', 1, 'b', named_struct('c', 2)) s, array(named_struct('a', 1), null) x)
array(1, 2, 3)[0], array(1, 2, 3)[2], map('a', 1)['a'], map('a', 1)['b']
array(1, 2, 3)[3]
array(1, 2, 3)[-1]
get(array(1, 2, 3), 0), get(array(1, 2, 3), 3), get(array(1, 2, 3), -1)
element_at(array(1, 2, 3), 2), element_at(array(1, 2, 3), -1), element_at(map(1, 'a', 2, 'b'), 2), element_at(map(1, 'a'), 3), try_element_at(array(1, 2, 3), 5), try_element_at(map(1, 'a'), 3)
element_at(array(1, 2, 3), 5)
element_at(array(1, 2, 3), 0)
try_element_at(array(1, 2, 3), 0)
size(array(1, 2)), size(map('a', 1)), size(null), cardinality(array('b', 'd', 'c')), array_size(array(1, null)), array_size(null)
size(1)
-- set spark.sql.ansi.enabled=false
array(1, 2, 3)[3], element_at(array(1, 2, 3), 5), size(CAST(null AS array<int>)), cardinality(CAST(null AS map<int, int>))
