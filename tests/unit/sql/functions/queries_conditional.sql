CASE WHEN NULL THEN 1 ELSE 2 END
CASE WHEN true THEN 1 ELSE 2 END, CASE WHEN false THEN 1 END, CASE 1 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END, CASE WHEN true THEN 1 ELSE 2.5 END, if(true, 1, 2), if(NULL, 1, 2), if(false, 1, '2')
typeof(CASE WHEN true THEN 1 ELSE 2.5 END), typeof(if(true, 1, 2L)), typeof(coalesce(1, 2.5D)), typeof(CASE WHEN true THEN 1 ELSE '2' END), typeof(nvl(1, 2L)), typeof(coalesce(NULL, 1)), typeof(nullif(1, 2L)), typeof(nvl2(1, 2, 3L)), typeof(if(true, DATE'2020-01-01', TIMESTAMP'2020-01-01 00:00:00'))
coalesce(NULL, 1, 2), coalesce(NULL, NULL), nvl(NULL, 3), nvl(1, 3), ifnull(NULL, 'x'), nvl2(NULL, 1, 2), nvl2(3, 1, 2), nullif(1, 1), nullif(1, 2), nullif(NULL, 1), zeroifnull(NULL), zeroifnull(3), nullifzero(0), nullifzero(5), coalesce(1, 1/0), nullif('a', 'A'), nullifzero(0.00), zeroifnull(1.5)
if(1, 2, 3)
CASE WHEN 1 THEN 2 END
CASE WHEN true THEN 1 ELSE array(1) END
coalesce()
if(true, 1)
decode(2, 1, 'a', 2, 'b', 'c'), decode(6, 1, 'a', 2, 'b'), decode(NULL, 6, 'x', NULL, 'y', 'z'), decode(6, 1, 'a', 'd'), decode(X'616263', 'utf-8')
-- set spark.sql.ansi.enabled=false
CASE WHEN true THEN 1 ELSE 'x' END, if(false, 1, '2'), coalesce(1, 'a'), typeof(coalesce(1, 'a')), typeof(if(true, 1, 'x')), typeof(coalesce(DATE'2020-01-01', 'x')), nvl(1, 'x')
