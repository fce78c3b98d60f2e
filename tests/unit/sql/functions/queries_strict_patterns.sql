-- Patterns of dates and times where Spark 2 and Spark 3 differ, and the session wants to know.
-- set spark.sql.legacy.timeParserPolicy=exception
to_date('2020-1-5', 'yyyy-MM-dd')
to_timestamp('2020-01-05 12:00:00', 'yyyy-MM-dd')
to_date('2020-01-05', 'yyyy-MM-dd')
to_date('abc', 'yyyy-MM-dd')
try_to_timestamp('2020-1-5', 'yyyy-MM-dd')
date_format(DATE '2020-01-05', 'u')
date_format(DATE '2020-01-05', 'yyyy')
-- set spark.sql.ansi.enabled=false
to_date('2020-1-5', 'yyyy-MM-dd')
to_date('abc', 'yyyy-MM-dd')
unix_timestamp('2020-1-5', 'yyyy-MM-dd')
