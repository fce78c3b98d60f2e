SELECT a, row_number() OVER (ORDER BY a), rank() OVER (ORDER BY a), dense_rank() OVER (ORDER BY a), percent_rank() OVER (ORDER BY a), cume_dist() OVER (ORDER BY a) FROM VALUES (1), (2), (2), (5) t(a) ORDER BY a
SELECT a, ntile(2) OVER (ORDER BY a), ntile(3) OVER (ORDER BY a) FROM VALUES (1), (2), (3), (5) t(a) ORDER BY a
SELECT a, lag(a) OVER (ORDER BY a), lead(a) OVER (ORDER BY a), lag(a, 2, -1) OVER (ORDER BY a), lead(a, 2, -1) OVER (ORDER BY a), lag(a, -1) OVER (ORDER BY a) FROM VALUES (1), (2), (3) t(a) ORDER BY a
SELECT a, lag(b) IGNORE NULLS OVER (ORDER BY a), lead(b) IGNORE NULLS OVER (ORDER BY a) FROM VALUES (1, 10), (2, null), (3, null), (4, 40) t(a, b) ORDER BY a
SELECT a, nth_value(a, 2) OVER (ORDER BY a), nth_value(b, 2) IGNORE NULLS OVER (ORDER BY a) FROM VALUES (1, null), (2, 20), (3, 30) t(a, b) ORDER BY a
SELECT a, first_value(b) OVER (ORDER BY a), last_value(b) OVER (ORDER BY a), first_value(b) IGNORE NULLS OVER (ORDER BY a), last_value(b) IGNORE NULLS OVER (ORDER BY a) FROM VALUES (1, null), (2, 20), (3, null) t(a, b) ORDER BY a
SELECT a, any_value(b) OVER (ORDER BY a), first(b, true) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM VALUES (1, null), (2, 20), (3, null) t(a, b) ORDER BY a
SELECT k, a, sum(a) OVER (PARTITION BY k ORDER BY a), avg(a) OVER (PARTITION BY k), count(*) OVER (PARTITION BY k) FROM VALUES ('x', 1), ('x', 2), ('y', 5) t(k, a) ORDER BY k, a
SELECT a, sum(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), sum(a) OVER (ORDER BY a RANGE BETWEEN 1 PRECEDING AND CURRENT ROW), max(a) OVER (ORDER BY a ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM VALUES (1), (2), (4) t(a) ORDER BY a
SELECT a, collect_list(a) OVER (ORDER BY a), collect_list(b) OVER (ORDER BY a), collect_set(b) OVER (ORDER BY a) FROM VALUES (1, null), (2, 5), (3, 5) t(a, b) ORDER BY a
SELECT a, avg(d) OVER (ORDER BY a), stddev(a) OVER (ORDER BY a) FROM VALUES (1, 1.10BD), (2, 2.20BD), (3, 4.00BD) t(a, d) ORDER BY a
SELECT a, max_by(b, a) OVER (ORDER BY a), median(a) OVER (PARTITION BY b) FROM VALUES (1, 'x'), (2, 'x'), (5, 'y') t(a, b) ORDER BY a
SELECT a, sum(a) FILTER (WHERE a > 1) OVER (ORDER BY a) FROM VALUES (1), (2) t(a)
-- what an OVER clause must have
SELECT rank() OVER () FROM VALUES (1) t(a)
SELECT row_number() FROM VALUES (1) t(a)
SELECT median(a) OVER (ORDER BY a) FROM VALUES (1) t(a)
SELECT sum(a) OVER (RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM VALUES (1) t(a)
SELECT sum(a) OVER (ORDER BY a, b RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM VALUES (1, 2) t(a, b)
SELECT sum(1) OVER (ORDER BY a RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM VALUES (TIMESTAMP '2020-01-01 00:00:00') t(a)
SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM VALUES (1) t(a)
SELECT a, count(*) OVER (ORDER BY a RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) FROM VALUES (DATE '2020-01-01'), (DATE '2020-01-02'), (DATE '2020-01-05') t(a) ORDER BY a
SELECT a, count(*) OVER (ORDER BY a RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM VALUES (DATE '2020-01-01'), (DATE '2020-01-02'), (DATE '2020-01-05') t(a) ORDER BY a
