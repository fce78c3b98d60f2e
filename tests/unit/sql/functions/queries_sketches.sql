SELECT histogram_numeric(id, 2), histogram_numeric(id, 3), histogram_numeric(id, 5), histogram_numeric(id, 10) FROM range(1, 51, 1, 1)
SELECT histogram_numeric(a, 2), histogram_numeric(a, 5), histogram_numeric(b, 2) FROM VALUES (1.5D, DATE '2020-01-01'), (2.5D, DATE '2020-01-05'), (9.25D, null), (null, null) t(a, b)
SELECT histogram_numeric(a, 2) FROM VALUES (1) t(a) WHERE a > 1
SELECT histogram_numeric(a, 2) FROM VALUES (TIMESTAMP '2020-01-01 00:00:00'), (TIMESTAMP '2020-02-01 00:00:00') t(a)
SELECT bitmap_bit_position(1), bitmap_bit_position(123), bitmap_bit_position(-40000), bitmap_bit_position(40000), bitmap_bucket_number(1), bitmap_bucket_number(32768), bitmap_bucket_number(32769), bitmap_bucket_number(-40000), bitmap_bucket_number(0)
SELECT bitmap_count(X'1010'), bitmap_count(bitmap_construct_agg(bitmap_bit_position(a))), substring(hex(bitmap_construct_agg(bitmap_bit_position(a))), 0, 10) FROM VALUES (1), (2), (9), (null) t(a)
SELECT substring(hex(bitmap_or_agg(a)), 0, 6), substring(hex(bitmap_and_agg(a)), 0, 6), length(bitmap_or_agg(a)) FROM VALUES (X'10'), (X'30'), (null) t(a)
