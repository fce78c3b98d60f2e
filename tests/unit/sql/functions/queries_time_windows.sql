SELECT window, count(*) FROM VALUES (TIMESTAMP '2020-01-01 00:07:03'), (TIMESTAMP '2020-01-01 00:08:03'), (null) t(x) GROUP BY window(x, '5 minutes')
SELECT window.start, window.end, sum(v) AS s FROM VALUES (TIMESTAMP '2020-01-01 00:07:03', 1), (TIMESTAMP '2020-01-01 00:12:03', 2) t(x, v) GROUP BY window(x, '10 minutes', '5 minutes') ORDER BY 1
SELECT window(x, '1 day', '1 day', '9 hours').start AS s, count(*) FROM VALUES (TIMESTAMP '2020-01-01 00:07:03'), (TIMESTAMP '2020-01-01 10:07:03') t(x) GROUP BY window(x, '1 day', '1 day', '9 hours') ORDER BY s
SELECT k, session_window.start, session_window.end, sum(v) AS s FROM VALUES (TIMESTAMP '2020-01-01 00:07:03', 1, 1), (TIMESTAMP '2020-01-01 00:08:03', 1, 2), (TIMESTAMP '2020-01-01 00:18:03', 1, 5), (null, 2, 3) t(x, k, v) GROUP BY k, session_window(x, '5 minutes') ORDER BY 2
SELECT window_time(w) AS t, c FROM (SELECT window AS w, count(*) AS c FROM VALUES (TIMESTAMP '2020-01-01 00:07:03', 1) t(x, v) GROUP BY window(x, '5 minutes'))
