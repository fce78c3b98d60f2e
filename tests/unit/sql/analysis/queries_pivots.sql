-- PIVOT and UNPIVOT: the columns they make.
WITH c AS (SELECT * FROM VALUES (2012, 'java', 20000.0D), (2012, 'dotNET', 5000.0D), (2013, 'java', 30000.0D), (2013, NULL, 1.5D) AS c(year, course, earnings)) SELECT * FROM c PIVOT (sum(earnings) FOR course IN ('java', 'dotNET')) ORDER BY year
WITH c AS (SELECT * FROM VALUES (2012, 'java', 20000.0D), (2012, 'dotNET', 5000.0D), (2013, 'java', 30000.0D) AS c(year, course, earnings)) SELECT * FROM c PIVOT (sum(earnings) AS s, avg(earnings) FOR course IN ('java' AS j, 'dotNET')) ORDER BY year
WITH c AS (SELECT * FROM VALUES (2012, 'java', 20000.0D), (2012, 'dotNET', 5000.0D), (2013, 'java', 30000.0D) AS c(year, course, earnings)) SELECT * FROM c PIVOT (sum(earnings) FOR (course, year) IN (('java', 2012), ('dotNET', 2013) AS x))
WITH c AS (SELECT * FROM VALUES (2012, 'java', 1), (2013, NULL, 2) AS c(year, course, n)) SELECT * FROM c PIVOT (count(*) FOR course IN ('java', NULL)) ORDER BY year
WITH c AS (SELECT * FROM VALUES (2012, 'java', 1), (2013, 'dotNET', 2) AS c(year, course, n)) SELECT * FROM c PIVOT (max(course) FOR year IN (2012, 2013 AS y)) ORDER BY n
WITH c AS (SELECT * FROM VALUES (2012, 'java', 1) AS c(year, course, n)) SELECT * FROM c PIVOT (n FOR year IN (2012))
WITH c AS (SELECT * FROM VALUES (2012, 'java', 1) AS c(year, course, n)) SELECT * FROM c PIVOT (sum(n) FOR year IN (course))
WITH c AS (SELECT * FROM VALUES (2012, 'java', 1) AS c(year, course, n)) SELECT * FROM c PIVOT (sum(n) FOR year IN (2012, 'x'))
WITH w AS (SELECT * FROM VALUES (1, 11, 1.1D, 'a'), (2, 12, NULL, 'b') AS w(id, i, d, s)) SELECT * FROM w UNPIVOT (val FOR col IN (i, d)) ORDER BY id, col
WITH w AS (SELECT * FROM VALUES (1, 11, 1.1D, 'a'), (2, 12, NULL, 'b') AS w(id, i, d, s)) SELECT * FROM w UNPIVOT INCLUDE NULLS (val FOR col IN (i AS `one`, d)) ORDER BY id, col
WITH w AS (SELECT * FROM VALUES (1, 11, 1.1D, 'a'), (2, 12, NULL, 'b') AS w(id, i, d, s)) SELECT * FROM w UNPIVOT ((v1, v2) FOR col IN ((i, d), (d, i) AS z)) ORDER BY id, col
WITH w AS (SELECT * FROM VALUES (1, 11, 1.1D, 'a') AS w(id, i, d, s)) SELECT * FROM w UNPIVOT (val FOR col IN (i, s))
WITH w AS (SELECT * FROM VALUES (1, 11L, 1.1BD) AS w(id, i, d)) SELECT * FROM w UNPIVOT (val FOR col IN (id, i, d)) ORDER BY col
