"""The classic mapper of word count."""

import sys

for line in sys.stdin:
    for word in line.split():
        print(f"{word}\t1")
