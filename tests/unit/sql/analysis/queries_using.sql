-- Keys of JOIN USING: each side's own key is found under its relation's name
WITH a(k, v) AS (VALUES ('one', 1), ('three', 3)), b(w, k) AS (VALUES (5, 'one'), (4, 'four')) SELECT a.*, b.* FROM a FULL JOIN b USING (k) ORDER BY v, w
WITH a(k, v) AS (VALUES ('one', 1), ('three', 3)), b(w, k) AS (VALUES (5, 'one'), (4, 'four')) SELECT b.*, a.* FROM a RIGHT JOIN b USING (k) ORDER BY v, w
WITH a(k, v) AS (VALUES ('one', 1), ('three', 3)), b(w, k) AS (VALUES (5, 'one'), (4, 'four')) SELECT * FROM a LEFT JOIN b USING (k) ORDER BY b.k, a.k
WITH a(k, v) AS (VALUES ('one', 1), ('three', 3)), b(w, k) AS (VALUES (5, 'one'), (4, 'four')) SELECT k FROM a LEFT JOIN b USING (k) GROUP BY k HAVING max(b.k) IS NULL
WITH a(k, v) AS (VALUES ('one', 1), ('two', 3)), b(w, k) AS (VALUES (5, 'one'), (4, 'four')), c(k, u) AS (VALUES ('one', 7), ('five', 8)) SELECT a.k, b.k, c.k, k FROM a FULL JOIN b USING (k) FULL JOIN c USING (k) ORDER BY 4
WITH a(k, v) AS (VALUES ('one', 1), ('two', 3)), b(w, k) AS (VALUES (5, 'one'), (4, 'four')), c(k, u) AS (VALUES ('one', 7), ('five', 8)) SELECT a.*, b.*, c.* FROM a NATURAL JOIN b NATURAL JOIN c
WITH a(k, v) AS (VALUES ('one', 1), ('two', 3)), b(w, k) AS (VALUES (5, 'one'), (4, 'four')), c(k, u) AS (VALUES ('one', 7), ('five', 8)) SELECT * FROM a NATURAL JOIN b JOIN c ON b.k = c.k
WITH a(k, v) AS (VALUES ('one', 1), ('two', 3)), b(w, k) AS (VALUES (5, 'one'), (4, 'four')) SELECT a.v, b.k, t.x FROM a JOIN b USING (k) LATERAL VIEW explode(array(1, 2)) t AS x WHERE b.k = 'one' ORDER BY x
WITH a(k, v) AS (VALUES ('one', 1)), b(w, k) AS (VALUES (5, 'one')) SELECT * FROM a JOIN b USING (zz)
WITH a(k, v) AS (VALUES ('one', 1)), b(w, k) AS (VALUES (5, 'one')) SELECT a.k FROM (SELECT * FROM a JOIN b USING (k)) AS s
