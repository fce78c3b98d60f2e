"""The classic reducer of word count: sums runs of equal keys."""

import sys

current, total = None, 0
for line in sys.stdin:
    word, count = line.rstrip("\n").split("\t", 1)
    if word == current:
        total += int(count)
    else:
        if current is not None:
            print(f"{current}\t{total}")
        current, total = word, int(count)
if current is not None:
    print(f"{current}\t{total}")
