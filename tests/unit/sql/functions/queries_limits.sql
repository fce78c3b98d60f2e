-- Quotients beyond bigint.
(-9223372036854775807L - 1) div -1
12345678901234567890123 div 1
12345678901234567890123 div 0.5, CAST(1e18 AS DECIMAL(38,0)) div 0.01
9223372036854775807 div 1, CAST(-2147483648 AS INT) div -1, CAST(-128 AS TINYINT) div CAST(-1 AS TINYINT)
-9223372036854775809 div 1
99999999999999999999999999999999999999 div 0.1
5.5 div 0.0
5.5 div 2
SELECT a div b FROM VALUES (CAST(12345678901234567890123 AS DECIMAL(38,0)), CAST(0.01 AS DECIMAL(3,2))), (7, 2) AS t(a, b)
-- Statistics of pairs over values that are not finite.
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (double('NaN'),1D),(2D,3D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (double('NaN'),double('NaN')) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (1D,2D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (1D,double('NaN')),(2D,3D),(4D,9D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (double('inf'),1D),(2D,3D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (double('NaN'),1D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (1D,2D),(1D,3D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (2D,1D),(3D,1D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (cast(null as double),1D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (double('NaN'),cast(null as double)),(1D,2D),(3D,5D) AS t(y, x)
SELECT covar_samp(y, x), covar_pop(y, x), corr(y, x), regr_slope(y, x), regr_intercept(y, x), regr_r2(y, x), regr_sxx(y, x), regr_syy(y, x), regr_sxy(y, x), regr_avgx(y, x), regr_avgy(y, x), regr_count(y, x) FROM VALUES (1D,double('NaN')) AS t(y, x)
-- set spark.sql.ansi.enabled=false
(-9223372036854775807L - 1) div -1
12345678901234567890123 div 1
12345678901234567890123 div 0.5, CAST(1e18 AS DECIMAL(38,0)) div 0.01
9223372036854775807 div 1, CAST(-2147483648 AS INT) div -1, CAST(-128 AS TINYINT) div CAST(-1 AS TINYINT)
-9223372036854775809 div 1
99999999999999999999999999999999999999 div 0.1
5.5 div 0.0
5.5 div 2
SELECT a div b FROM VALUES (CAST(12345678901234567890123 AS DECIMAL(38,0)), CAST(0.01 AS DECIMAL(3,2))), (7, 2) AS t(a, b)
