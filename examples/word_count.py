"""Count words: by default those of the Python standard library's own sources.

pyrite submit examples/word_count.py [file or directory ...]
"""

import re
import sys
import sysconfig
from pathlib import Path

from pyspark import SparkContext

WORD = re.compile(r"[A-Za-z_]\w+")
TOP = 15
BAR = 32


def sources(places: list[str]) -> list[str]:
    """The files named, and the Python files below the directories named."""
    paths = []
    for place in map(Path, places):
        found = place.rglob("*.py") if place.is_dir() else [place]
        paths += [str(path) for path in found if "site-packages" not in path.parts]
    # Spark takes a file for hidden when its name begins so, and refuses it.
    return sorted(path for path in paths if Path(path).name[0] not in "_.")


def main() -> None:
    paths = sources(sys.argv[1:] or [sysconfig.get_paths()["stdlib"]])
    with SparkContext(appName="word count") as sc:
        counts = (
            sc.wholeTextFiles(",".join(paths), minPartitions=16)
            .flatMap(lambda file: WORD.findall(file[1]))
            .map(lambda word: (word, 1))
            .reduceByKey(lambda a, b: a + b)
            .cache()
        )
        total = counts.values().sum()
        distinct = counts.count()
        top = counts.takeOrdered(TOP, key=lambda pair: (-pair[1], pair[0]))

    print(f"{total:,} words, {distinct:,} of them different, in {len(paths):,} files\n")
    width = max(len(word) for word, _ in top)
    for word, count in top:
        print(f"  {word:<{width}} {count:>9,}  {'█' * max(1, BAR * count // top[0][1])}")


if __name__ == "__main__":
    main()
