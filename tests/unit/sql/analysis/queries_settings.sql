-- What settings change about names and numbers in clauses.
-- set spark.sql.groupByOrdinal=false
SELECT k, count(*) FROM VALUES ('a', 1), ('b', 2) AS t(k, v) GROUP BY 1
SELECT 7 AS seven, count(*) FROM VALUES ('a', 1), ('b', 2) AS t(k, v) GROUP BY 1
SELECT v, k FROM VALUES ('b', 1), ('a', 2) AS t(k, v) ORDER BY 2
-- set spark.sql.orderByOrdinal=false
SELECT v FROM VALUES ('b', 1) AS t(k, v) ORDER BY 9
-- set spark.sql.groupByAliases=false
SELECT upper(k) AS letter, count(*) FROM VALUES ('a', 1), ('b', 2) AS t(k, v) GROUP BY letter
SELECT k AS v, count(*) FROM VALUES ('a', 1), ('a', 2) AS t(k, v) GROUP BY k
-- set spark.sql.ansi.doubleQuotedIdentifiers=true
SELECT "a" FROM VALUES (1) AS t("a")
-- set spark.sql.caseSensitive=true
SELECT A FROM VALUES (1) AS t(a)
-- set spark.sql.session.timeZone=+05:30
SELECT TIMESTAMP '2020-01-01 00:00:00Z', date_format(TIMESTAMP '2020-01-01 00:00:00Z', 'HH:mm XXX VV')
SELECT date_trunc('DAY', TIMESTAMP '2020-01-01 20:00:00Z'), CAST('2020-01-01' AS TIMESTAMP)
SELECT to_json(named_struct('t', TIMESTAMP '2020-01-01 00:00:00Z')), to_csv(named_struct('t', TIMESTAMP '2020-01-01 00:00:00Z'))
-- set spark.sql.session.timeZone=PST
SELECT TIMESTAMP '2020-01-01 00:00:00Z', date_trunc('DAY', TIMESTAMP '2020-01-01 00:00:00Z')
SELECT to_json(named_struct('t', TIMESTAMP '2020-01-01 00:00:00Z')), to_csv(named_struct('t', TIMESTAMP '2020-01-01 00:00:00Z'))
