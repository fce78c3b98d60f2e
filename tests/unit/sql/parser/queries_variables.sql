-- Settings that SQL text names.
-- set x.y=5
-- set t.u=SELECT ${x.y}
SELECT ${x.y}, ${spark:x.y}, ${sparkconf:x.y}, ${hivevar:x.y}, ${hiveconf:x.y}
SELECT '${x.y}', '${nosuch}', '${nosuch:-7}', '${foo:x.y}', '${hiveconf:nosuch}', '${env:NOSUCH_VARIABLE}'
SELECT '${t.u}', '$${x.y}', '$x', '${}', '${ x.y}', '\${x.y}'
SELECT '${x.y' a
SELECT 1 -- ${nosuch}
SELECT '${${t.u}}'
SELECT x.${nosuch}
FROM VALUES (1), (${x.y}) AS t(a) SELECT sum(a)
-- set spark.sql.variable.substitute=false
SELECT '${x.y}'
SELECT ${x.y}
