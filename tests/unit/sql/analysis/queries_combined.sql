-- Null divided by zero is null
SELECT null / 0, null % 0, null div 0, pmod(null, 0), cast(null as double) / 0, cast(null as decimal(5,2)) / 0BD, cast(null as decimal(5,2)) % 0BD
SELECT x / y, x % y FROM VALUES (cast(null as int), 0), (6, 4) AS t(x, y)
SELECT x / 0 FROM VALUES (cast(null as int)), (1) AS t(x)
-- Rows of values are compared by place
SELECT (id, s) IN ((1, 'a'), (2, 'x')) FROM VALUES (1, 'a'), (2, 'b'), (3, null) AS t(id, s)
SELECT id FROM VALUES (1, 'a'), (2, 'b') AS t(id, s) WHERE (id, s) IN ((1, 'a'), (2, 'x'))
SELECT (id, s) = (1, 'a'), (id, s) <=> (1, 'a') FROM VALUES (1, 'a'), (2, null) AS t(id, s)
SELECT struct(1 as a) < struct(2 as b), array(struct(1 as a)) = array(struct(1 as b))
SELECT (l, s) IN ((1, 'a')) FROM VALUES (1L, 'a') AS t(l, s)
SELECT struct(1 as a) UNION ALL SELECT struct(2 as b)
-- Names
SELECT cast(id as int) + 1, upper(cast(s as string)), cast(id as int), sum(cast(id as int)) OVER () FROM VALUES (1, 'a') AS t(id, s)
SELECT id, row_number() OVER (ORDER BY id) AS x, x AS y, x FROM VALUES (1), (2) AS t(id)
SELECT (SELECT max(b) FROM VALUES (1, 2) AS u(a, b) WHERE u.a = t.a) FROM VALUES (1) AS t(a)
-- What is suggested for a column that is not there
SELECT nope FROM VALUES (1, 2, 3, 4, 5, 6, 7) AS t(id, str, mp, d, bo, ar, b)
SELECT SELEC FROM VALUES (1, 2, 3, 4, 5, 6, 7) AS t(id, str, mp, d, bo, ar, b)
SELECT t.nope FROM VALUES (1, 2, 3, 4, 5, 6, 7) AS t(id, str, mp, d, bo, ar, b)
SELECT str, sum(id) AS s FROM VALUES (1, 2, 3) AS t(id, str, d) GROUP BY str ORDER BY d
SELECT str, sum(id) AS s FROM VALUES (1, 2, 3) AS t(id, str, d) GROUP BY str HAVING d > 1
SELECT str, sum(id) AS s FROM VALUES (1, 2, 3) AS t(id, str, d) GROUP BY str HAVING nope > 1
SELECT str, id, FROM t
-- Lambdas as grouping keys, and where they may not be
SELECT filter(a, x -> x > 1) AS f, count(*) FROM VALUES (array(1, 2)), (array(0, 2)), (array(5)) AS t(a) GROUP BY filter(a, y -> y > 1) ORDER BY 1
SELECT size(filter(a, x -> exists(a, y -> y > x))) AS s, count(*) FROM VALUES (array(1, 2)), (array(0, 2)), (array(5)) AS t(a) GROUP BY size(filter(a, p -> exists(a, q -> q > p))) ORDER BY size(filter(a, x -> exists(a, y -> y > x)))
SELECT filter(a, x -> x > 1) AS f, count(*) FROM VALUES (array(1, 2)) AS t(a) GROUP BY filter(a, y -> y > 2)
SELECT transform(a, x -> (SELECT max(b) FROM VALUES (1) AS u(b) WHERE b = x)) FROM VALUES (array(1, 2)) AS t(a)
-- Conditions of aggregates
SELECT sum(n) FILTER (WHERE sum(n) > 1) FROM VALUES (1) AS t(n)
SELECT sum(n) FILTER (WHERE row_number() OVER (ORDER BY n) > 1) FROM VALUES (1) AS t(n)
-- Frames
SELECT n, sum(n) OVER (ORDER BY n ROWS BETWEEN 1 + 0 PRECEDING AND 1 FOLLOWING) AS s FROM VALUES (1), (2), (3), (4) AS t(n)
SELECT n, sum(n) OVER (ORDER BY n RANGE BETWEEN cast(1 as int) PRECEDING AND 1 FOLLOWING) AS s FROM VALUES (1), (2), (3), (5) AS t(n)
SELECT sum(n) OVER (ORDER BY n ROWS BETWEEN n PRECEDING AND CURRENT ROW) FROM VALUES (1) AS t(n)
SELECT sum(n) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM VALUES (1) AS t(n)
SELECT sum(n) OVER (RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM VALUES (1) AS t(n)
-- Parts of structs and maps
SELECT * EXCEPT (st.a) FROM VALUES (1, named_struct('a', 1, 'B', 'x')), (2, null) AS t(id, st)
SELECT * EXCEPT (t.st.n.x, id) FROM VALUES (1, named_struct('a', 1, 'n', named_struct('x', 1, 'y', 2))) AS t(id, st)
SELECT * EXCEPT (st, st.a) FROM VALUES (1, named_struct('a', 1, 'B', 'x')) AS t(id, st)
SELECT * EXCEPT (st.nope) FROM VALUES (1, named_struct('a', 1, 'B', 'x')) AS t(id, st)
SELECT m[1], map(1, 'x')['1'], map(1, 'x')[1L], map(1.5, 'x')[1] FROM VALUES (map('a', 1)), (map('1', 2)) AS t(m)
SELECT array_repeat(1, null), array_repeat(1, cast(null as int)), array_repeat(1, -1)
SELECT mask(lowerChar => 'q', str => s) FROM VALUES ('abC') AS t(s)
SELECT ceil(cast(7 as decimal(5,0))), floor(cast(7 as decimal(5,0))), ceil(cast(7.5 as decimal(5,1)))
SELECT map_from_entries(array(struct(1, 2))), map_from_entries(array(struct(1, 2), null)), stack(2, 1, 'a', 2, 'b')
-- Windows of time of a row
SELECT id, window(ts, '1 hour').start FROM VALUES (1, timestamp'2024-03-10 01:30:00'), (2, null) AS t(id, ts)
SELECT id, window(ts, '2 hours', '1 hour') AS w FROM VALUES (1, timestamp'2024-03-10 01:30:00'), (2, null) AS t(id, ts) ORDER BY id, w
SELECT window(ts, '2 hours', '1 hour'), window(ts, '3 hours') FROM VALUES (timestamp'2024-03-10 01:30:00') AS t(ts)
-- The order of nested values: nulls inside come first
SELECT id FROM VALUES (1, struct(null, 1)), (2, struct(5, null)), (3, struct(5, 2)), (4, null) v(id, s) ORDER BY s
SELECT id FROM VALUES (1, struct(null, 1)), (2, struct(5, null)), (3, struct(5, 2)), (4, null) v(id, s) ORDER BY s DESC
SELECT id FROM VALUES (1, array(null, 1)), (2, array(5, null)), (3, array(5, 2)), (4, null), (5, array()), (6, array(5)) v(id, s) ORDER BY s
SELECT id FROM VALUES (1, array(struct(null, 1))), (2, array(struct(5, array(null)))), (3, array(struct(5, array()))) v(id, s) ORDER BY s
SELECT s, count(*) FROM VALUES (1, struct(null, 1)), (2, struct(5, null)), (3, struct(5, 2)), (4, null) v(id, s) GROUP BY s ORDER BY s, count(*)
SELECT id, rank() OVER (ORDER BY s) AS r, max(s) OVER (ORDER BY id) AS m FROM VALUES (1, struct(null, 1)), (2, struct(5, null)), (3, struct(5, 2)), (4, null) v(id, s) ORDER BY id
SELECT max(struct(x, id)), min(struct(x, id)), max(array(x)), min(array(x, 1)), max(struct(x)) FILTER (WHERE x > 100) FROM VALUES (1, null), (2, 5), (3, 7) v(id, x)
SELECT max_by(id, s), min_by(id, s) FROM VALUES (1, struct(null, 1)), (2, struct(5, null)), (3, struct(5, 2)) v(id, s)
SELECT struct(null, 1) < struct(5, 1), struct(5, null) < struct(5, 2), array(cast(null as int)) < array(1), struct(1, 2) >= struct(1, cast(null as int)), array(1) < array(1, null)
SELECT sort_array(array(struct(null, 1), struct(5, null), struct(5, 2), null)), sort_array(array(array(null), array(1), array()), false), sort_array(array(array(null), null), true)
