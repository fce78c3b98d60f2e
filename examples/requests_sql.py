"""SQL over JSON logs: which pages are slow, and when did a visitor come back?

pyrite submit examples/requests_sql.py [requests.json]
"""

import sys
from pathlib import Path

from pyspark.sql import SparkSession

REQUESTS = Path(__file__).parent / "data" / "requests.json"

SLOW_PAGES = """
    SELECT page,
           count(*) AS requests,
           count(*) FILTER (WHERE status >= 500) AS failed,
           round(avg(milliseconds), 1) AS mean,
           max(milliseconds) AS worst
    FROM requests
    GROUP BY page
    HAVING count(*) > {least}
    ORDER BY mean DESC
"""

VISITS = """
    WITH steps AS (
        SELECT visitor.name AS name, time, page,
               lag(time) OVER (PARTITION BY visitor.name ORDER BY time) AS before
        FROM requests
    )
    SELECT name,
           count(*) AS pages,
           -- A pause of half an hour begins another visit.
           count_if(before IS NULL OR time - before > INTERVAL '30' MINUTE) AS visits,
           array_sort(collect_set(page)) AS seen
    FROM steps
    GROUP BY name
    ORDER BY name
"""


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else str(REQUESTS)
    spark = SparkSession.builder.appName("requests").getOrCreate()
    columns = (
        "time timestamp, page string, status int, milliseconds int, visitor struct<name: string>"
    )
    spark.read.json(path, schema=columns).createOrReplaceTempView("requests")
    spark.sql(SLOW_PAGES, least=2).show()
    for row in spark.sql(VISITS).collect():
        print(f"{row.name}: {row.pages} pages in {row.visits} visits: {', '.join(row.seen)}")
    spark.stop()


if __name__ == "__main__":
    main()
