-- What settings change about the meaning of SQL text.
SELECT a.x FROM VALUES (1) AS a(x), VALUES (1) AS b(y) JOIN VALUES (1) AS c(z) ON x = z
SELECT count(*) FROM VALUES (1) AS a(x), VALUES (1), (2) AS b(y) LEFT JOIN VALUES (1) AS c(x) USING (x)
-- set spark.sql.ansi.relationPrecedence=true
SELECT a.x FROM VALUES (1) AS a(x), VALUES (1) AS b(y) JOIN VALUES (1) AS c(z) ON x = z
SELECT a.x FROM VALUES (1) AS a(x), VALUES (1) AS b(y) JOIN VALUES (1) AS c(z) ON y = z
-- set spark.sql.ansi.doubleQuotedIdentifiers=true
SELECT 'x' "y"
SELECT "a" FROM VALUES (1) AS t("a")
-- set spark.sql.ansi.enforceReservedKeywords=true
SELECT 1 AS select
SELECT 1 table
SELECT 1 AS end
SELECT * FROM VALUES (1) AS t(user)
SELECT * FROM VALUES (1) all
SELECT `select` FROM VALUES (1) AS t(`select`)
SELECT t.from FROM VALUES (1) AS t(`from`)
SELECT date, day, year FROM VALUES (1, 2, 3) AS t(date, day, year)
SELECT 1 AS key, 2 AS value, 3 AS data, 4 AS name, 5 AS interval
SELECT left('abc', 1), right('abc', 1), CAST('1' AS INT), CASE WHEN TRUE THEN 1 END, current_date IS NULL
SELECT DATE '2020-01-01', TIMESTAMP '2020-01-01 00:00:00'
SELECT any(x) FROM VALUES (TRUE) AS t(x)
SELECT x FROM VALUES (TRUE) AS t(x) WHERE x IN (SELECT TRUE) UNION SELECT FALSE ORDER BY x
-- set spark.sql.ansi.enabled=false
SELECT 1 AS select
SELECT "a", 'x' "y"
SELECT a.x FROM VALUES (1) AS a(x), VALUES (1) AS b(y) JOIN VALUES (1) AS c(z) ON x = z
-- set spark.sql.legacy.sizeOfNull=false
SELECT size(NULL), size(CAST(NULL AS ARRAY<INT>)), cardinality(CAST(NULL AS MAP<INT, INT>)), size(array(1))
-- set spark.sql.legacy.sizeOfNull=true
SELECT size(NULL), size(CAST(NULL AS ARRAY<INT>)), cardinality(CAST(NULL AS MAP<INT, INT>)), array_size(NULL)
-- set spark.sql.ansi.enabled=true
SELECT size(CAST(NULL AS ARRAY<INT>))
-- set spark.sql.function.concatBinaryAsString=true
SELECT concat(x'61', x'62'), concat(x'61', 'b'), x'61' || x'62', concat(x'61', NULL)
-- set spark.sql.function.eltOutputAsString=true
SELECT elt(1, x'61', x'62'), elt(2, 'a', x'62'), elt(1, 1, 2)
-- set spark.sql.ansi.doubleQuotedIdentifiers=false
-- set spark.sql.parser.quotedRegexColumnNames=true
SELECT `(a|b)?+.+` FROM VALUES (1, 2, 3) AS t(a, b, c)
SELECT `a.*` FROM VALUES (1, 2, 3) AS t(a1, a2, c)
SELECT t.`a.*`, c FROM VALUES (1, 2, 3) AS t(a1, a2, c)
SELECT `A.`, `C` FROM VALUES (1, 2, 3) AS t(a1, a2, c)
SELECT a1 FROM VALUES (1, 2, 3) AS t(a1, a2, c) WHERE `a1` = 1
SELECT a1 FROM VALUES (1, 2, 3) AS t(a1, a2, c) WHERE `a.` = 1
SELECT `x.*` FROM VALUES (1, 2, 3) AS t(a1, a2, c)
SELECT `c` AS z, count(*) FROM VALUES (1, 2, 3) AS t(a1, a2, c) GROUP BY `c`
SELECT count(`a.*`), struct(`a.*`), abs(`c.*`) FROM VALUES (1, 2, 3) AS t(a1, a2, c) GROUP BY ALL
SELECT DISTINCT `a.` FROM VALUES (1, 2, 3) AS t(a1, a2, c)
SELECT `a1` + 1 FROM VALUES (1, 2, 3) AS t(a1, a2, c)
SELECT `a b`, `a-b` FROM VALUES (1, 2) AS t(`a b`, `a-b`)
-- set spark.sql.parser.quotedRegexColumnNames=false
-- set spark.sql.parser.escapedStringLiterals=true
SELECT 'a\tb', length('\d'), 'it''s', "\\", r'\n', '1a' RLIKE '\d\w'
-- set spark.sql.parser.escapedStringLiterals=false
SELECT 'a\tb', length('\d'), 'it''s', "\\", r'\n', '1a' RLIKE '\\d\\w'
