1 = 1, 1 = 2L, 1 = '1', '1' = 1, 1.5 = '1.5', NULL = 1, 1 <=> NULL, NULL <=> NULL, 1 <=> 1, 'a' < 'b', 'B' < 'a', 1 <> 2, 1 != 1, NOT true, NOT NULL, ! false, true AND NULL, false AND NULL, true OR NULL, DOUBLE('NaN') = DOUBLE('NaN'), DOUBLE('NaN') > 1e300D, 0.0D = -0.0D, 1 == 1.0, 1.0F = 1
DATE'2020-01-01' = '2020-01-01', DATE'2020-01-01' < TIMESTAMP'2020-01-01 10:00:00', TIMESTAMP'2020-01-01 00:00:00' = '2020-01-01', TRUE = 'true', X'61' = X'61', X'61' < X'62', array(1, 2) = array(1, 2), array(1) < array(1, 2), struct(1, 'a') = struct(1, 'a'), struct(1, 'b') > struct(1, 'a'), INTERVAL 1 DAY = INTERVAL 24 HOUR, INTERVAL 1 DAY < INTERVAL '2' DAY, array(NULL) = array(NULL), struct(CAST(NULL AS INT)) = struct(CAST(NULL AS INT)), array(1, NULL) <=> array(1, NULL)
1 = 'x'
'2020' > 2019
1 = true
1 = array(1)
map(1, 2) = map(1, 2)
DATE'2020-01-01' = 1
DATE'2020-01-01' = 'x'
1 IN (1, 2), 3 IN (1, 2), 3 IN (1, NULL), NULL IN (1, 2), 1 IN (1, NULL), '1' IN (1, 2), 1 IN ('1', '2'), 1.5 IN (1, 1.5), 3 NOT IN (1, 2), 3 NOT IN (1, NULL), DATE'2020-01-01' IN ('2020-01-01'), array(1) IN (array(1), array(2)), (1, 'a') IN ((1, 'a'), (2, 'b')), 1L IN (1)
1 IN (1, 'x')
1 IN (array(1))
2 BETWEEN 1 AND 3, 2 NOT BETWEEN 1 AND 3, 2 BETWEEN 3 AND 1, 2 BETWEEN NULL AND 1, 'b' BETWEEN 'a' AND 'c', 2 BETWEEN '1' AND 3
'abc' LIKE 'a%', 'abc' LIKE '_b_', 'abc' LIKE 'b', 'a%c' LIKE 'a\\%c', 'abc' LIKE 'a\\%c', 'a_c' LIKE 'a/_c' ESCAPE '/', 'ABC' LIKE 'abc', 'ABC' ILIKE 'abc', 'abc' NOT LIKE 'a%', NULL LIKE 'a', 'a\nb' LIKE 'a%b', 'abc' LIKE NULL, 'a.c' LIKE 'a.c', 'abc' LIKE 'a.c', 'É' ILIKE 'é', like('abc', 'a%'), ilike('ABC', 'a%'), 'a\\b' LIKE 'a\\\\b', 12 LIKE '1%'
'abc' LIKE 'a\\bc'
'abc' LIKE 'abc\\'
'abc' LIKE ALL ('a%', '%c'), 'abc' LIKE ANY ('x%', '%c'), 'abc' NOT LIKE ALL ('a%', 'x%'), 'abc' NOT LIKE ANY ('a%', 'x%'), 'abc' LIKE SOME ('x%', 'y%'), 'abc' ILIKE ANY ('A%'), 'abc' LIKE ALL ('a%', NULL), 'abc' LIKE ANY ('x%', NULL), 'ABC' ILIKE ALL ('a%', '%c')
'abc' RLIKE 'b', 'abc' RLIKE '^b', regexp('abc', '[a-c]+'), regexp_like('abc', 'x|c'), 'abc' NOT RLIKE 'b', rlike('Abc', '(?i)abc'), 'a1' RLIKE '\\d', NULL RLIKE 'a', 'aab' RLIKE '(a)\\1', 'foobar' RLIKE 'foo(?=bar)', 'a\nb' RLIKE 'a.b', 'price: $5' RLIKE '\\$\\d', 'ab' RLIKE '\\p{Lower}+', 'x' RLIKE '[[:alpha:]]'
'abc' RLIKE '('
isnull(NULL), isnull(1), isnotnull(NULL), 1 IS NULL, NULL IS NOT NULL, NULL IS TRUE, true IS NOT TRUE, NULL IS UNKNOWN, false IS FALSE, 1 IS DISTINCT FROM NULL, 1 IS NOT DISTINCT FROM 1, equal_null(NULL, NULL), equal_null(1, 2)
true AND 1
NOT 1
'a' AND true
-- set spark.sql.ansi.enabled=false
1 = 'x', '1' = 1, '2020' > 2019, '10' > 9, DATE'2020-01-01' = 'x', 1.5 = '1.5', true = 1, 1 IN (1, 'x'), '1.0' = 1, DATE'2020-01-01' = '2020', 1 = true
