"""Its reducer: equal lines are found, and counted, without a look at each."""

import sys
from itertools import groupby

for line, equal in groupby(sys.stdin.buffer):
    word, _, one = line.rstrip().partition(b"\t")
    sys.stdout.buffer.write(b"%s\t%d\n" % (word, int(one) * len(list(equal))))
