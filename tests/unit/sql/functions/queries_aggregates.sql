-- sums and means, with the types of their results
SELECT sum(a), sum(b), sum(c), sum(d), sum(e) FROM VALUES (1Y, 2S, 3, 4L, 1.5D), (5Y, 6S, 7, 8L, 2.5D) t(a, b, c, d, e)
SELECT sum(a), avg(a), sum(b), avg(b) FROM VALUES (1.10BD, 12345678901234567890.123456789BD), (2.25BD, 1.000000001BD), (null, null) t(a, b)
SELECT avg(a), avg(b), avg(c) FROM VALUES (1, 1L, 1.0F), (2, 4L, 2.5F) t(a, b, c)
SELECT avg(a) FROM VALUES (1.005BD), (1.006BD), (-3.001BD) t(a)
SELECT avg(a) FROM VALUES (-1.00005BD), (0BD) t(a)
SELECT sum(a), avg(a), count(a), min(a), max(a) FROM VALUES (1) t(a) WHERE a > 1
SELECT sum(a) FROM VALUES (9223372036854775807L), (1L) t(a)
SELECT try_sum(a) FROM VALUES (9223372036854775807L), (1L) t(a)
SELECT try_sum(a), try_avg(a) FROM VALUES (1), (2) t(a)
SELECT sum(a) FROM VALUES (interval '1' day), (interval '2' hour) t(a)
SELECT sum(a), avg(a) FROM VALUES (interval '1' month), (interval '2' year) t(a)
SELECT avg(a) FROM VALUES (interval '1' day), (interval '2' day) t(a)
SELECT sum('1'), avg('2')
SELECT sum(true)
SELECT sum(array(1))
SELECT sum(DISTINCT a), avg(DISTINCT a), count(DISTINCT a) FROM VALUES (1), (1), (2), (null) t(a)
SELECT mean(a) FROM VALUES (1), (2) t(a)
-- counting
SELECT count(*), count(a), count(a, b), count(DISTINCT a, b), count(DISTINCT a) FROM VALUES (1, 2), (1, 2), (1, null), (null, null) t(a, b)
SELECT count_if(a > 1), count_if(a IS NULL), count_if(null) FROM VALUES (1), (2), (null) t(a)
SELECT approx_count_distinct(a), approx_count_distinct(a, 0.01) FROM VALUES (1), (2), (2), (null) t(a)
SELECT count(a) FILTER (WHERE a > 1), sum(a) FILTER (WHERE a > 5) FROM VALUES (1), (2) t(a)
-- extremes
SELECT min(a), max(a), min(b), max(b), min(c), max(c) FROM VALUES (1, 'a', true), (2, 'b', false), (null, null, null) t(a, b, c)
SELECT min(a), max(a) FROM VALUES (double('NaN')), (1.0D), (double('Infinity')) t(a)
SELECT min(a), max(a) FROM VALUES (array(1, 2)), (array(1)), (array(0, 5)) t(a)
SELECT max(a) FROM VALUES (named_struct('x', 1, 'y', 2)), (named_struct('x', 1, 'y', 3)) t(a)
SELECT max_by(a, b), min_by(a, b) FROM VALUES ('x', 10), ('y', 50), (null, 60), ('z', null) t(a, b)
SELECT max(map(1, 2))
-- one of many
SELECT first(a), last(a), any_value(a), first_value(a), last_value(a) FROM VALUES (1), (2), (3) t(a)
SELECT first(a), first(a, true), last(a, true), any_value(a, true) FROM VALUES (null), (5), (20), (null) t(a)
SELECT first(a) IGNORE NULLS, last(a) IGNORE NULLS FROM VALUES (null), (5), (20), (null) t(a)
-- collecting
SELECT sort_array(collect_list(a)), sort_array(collect_set(a)), size(collect_list(b)) FROM VALUES (1, null), (2, null), (1, null), (null, null) t(a, b)
SELECT collect_list(a), array_agg(a), collect_set(a) FROM VALUES (1) t(a) WHERE a > 1
SELECT collect_list(a) FILTER (WHERE a > 1) FROM VALUES (1), (2) t(a)
SELECT listagg(a), listagg(a, ', '), string_agg(a, '-') FROM VALUES ('a'), ('b'), (null) t(a)
SELECT listagg(a, ', ') WITHIN GROUP (ORDER BY a DESC), listagg(DISTINCT a, '') WITHIN GROUP (ORDER BY a) FROM VALUES ('a'), ('b'), ('a') t(a)
SELECT listagg(a) FROM VALUES (X'41'), (X'42') t(a)
-- booleans and bits
SELECT bool_and(a), bool_or(a), every(a), some(a), any(a) FROM VALUES (true), (false), (null) t(a)
SELECT bit_and(a), bit_or(a), bit_xor(a), bit_and(b) FROM VALUES (3, 5L), (5, 4L), (null, null) t(a, b)
SELECT bool_and(1)
SELECT bit_and('a')
SELECT sum(a) FROM VALUES (99999999999999999999999999999999999999BD), (99999999999999999999999999999999999999BD) t(a)
-- grouped
SELECT a, sum(b), count(*) FROM VALUES (1, 10), (2, 20), (1, 30), (null, 40) t(a, b) GROUP BY a ORDER BY a
SELECT sum(a) + count(b) * 2 FROM VALUES (1, 10), (2, 20) t(a, b)
-- set spark.sql.ansi.enabled=false
SELECT sum(a) FROM VALUES (9223372036854775807L), (1L) t(a)
SELECT sum(a), avg(a) FROM VALUES ('1'), ('x') t(a)
