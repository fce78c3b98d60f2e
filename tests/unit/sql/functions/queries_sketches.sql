SELECT histogram_numeric(id, 2), histogram_numeric(id, 3), histogram_numeric(id, 5), histogram_numeric(id, 10) FROM range(1, 51, 1, 1)
SELECT histogram_numeric(a, 2), histogram_numeric(a, 5), histogram_numeric(b, 2) FROM VALUES (1.5D, DATE '2020-01-01'), (2.5D, DATE '2020-01-05'), (9.25D, null), (null, null) t(a, b)
SELECT histogram_numeric(a, 2) FROM VALUES (1) t(a) WHERE a > 1
SELECT histogram_numeric(a, 2) FROM VALUES (TIMESTAMP '2020-01-01 00:00:00'), (TIMESTAMP '2020-02-01 00:00:00') t(a)
SELECT bitmap_bit_position(1), bitmap_bit_position(123), bitmap_bit_position(-40000), bitmap_bit_position(40000), bitmap_bucket_number(1), bitmap_bucket_number(32768), bitmap_bucket_number(32769), bitmap_bucket_number(-40000), bitmap_bucket_number(0)
SELECT bitmap_count(X'1010'), bitmap_count(bitmap_construct_agg(bitmap_bit_position(a))), substring(hex(bitmap_construct_agg(bitmap_bit_position(a))), 0, 10) FROM VALUES (1), (2), (9), (null) t(a)
SELECT substring(hex(bitmap_or_agg(a)), 0, 6), substring(hex(bitmap_and_agg(a)), 0, 6), length(bitmap_or_agg(a)) FROM VALUES (X'10'), (X'30'), (null) t(a)
-- Counts of values.
SELECT count_min_sketch(id, 0.5d, 0.5d, 1), count_min_sketch(id, 0.5d, 0.5d, -7) FROM range(5)
SELECT count_min_sketch(CAST(id AS INT), 0.3d, 0.9d, 42), count_min_sketch(id - 100000000000, 0.3d, 0.9d, 42L) FROM range(5)
SELECT count_min_sketch(CAST(id AS STRING), 0.3d, 0.9d, 42), count_min_sketch(CAST(CAST(id AS STRING) AS BINARY), 0.3d, 0.9d, 42) FROM range(105)
SELECT count_min_sketch(if(id > 2, null, id), 0.3d, 0.9d, 42) FROM range(5)
SELECT count_min_sketch(id, 0.3d, 0.9d, 42) FROM range(5) WHERE id < 0
SELECT id % 2, count_min_sketch(id, 0.4d, 0.8d, 7) FROM range(50) GROUP BY 1 ORDER BY 1
SELECT count_min_sketch(id, 0.0d, 0.9d, 42) FROM range(5)
SELECT count_min_sketch(id, 0.3d, 1.0d, 42) FROM range(5)
SELECT count_min_sketch(id, 0.5d, 0.5d, 1111111111111111111), count_min_sketch(id, 0.5d, 0.5d, -3000000000) FROM range(5)
SELECT count_min_sketch(id, 0.5d, 0.5d, CAST(null AS INT)) FROM range(5)
SELECT count_min_sketch(id, CAST(null AS DOUBLE), 0.5d, 1) FROM range(5)
