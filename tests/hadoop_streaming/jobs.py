"""Small jobs of Hadoop Streaming: what ``jobs.txt`` says of them, and their input files.

``tests/oracle/record_hadoop_streaming.py`` records what Hadoop makes of them.
"""

from __future__ import annotations

import bz2
import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["JOBS", "Job"]

_SHORT = {"{lib}": "org.apache.hadoop.mapred.lib", "{hadoop}": "org.apache.hadoop"}


@dataclass(frozen=True)
class Job:
    """One job, or two of which the second reads what the first wrote.

    Attributes:
        name: What it is about.
        steps: The options of the streaming jar of each job, without ``-output``.
        files: What is in its folder; what ends in ``.sh`` or ``.py`` may be executed.
        any_order: Whether Hadoop leaves open in which order the lines of a file are.
    """

    name: str
    steps: tuple[str, ...]
    files: Mapping[str, bytes]
    any_order: bool


def _read(text: str) -> Iterator[Job]:
    """Yield the jobs of ``jobs.txt``."""
    files: Mapping[str, bytes] = {}
    for short, name in _SHORT.items():
        text = text.replace(short, name)
    for line in re.sub(r"\n +", " ", text).splitlines():
        if line.startswith("["):
            files = FILES[line.strip("[]")]
        elif line and not line.startswith("#"):
            name, _, options = line.removeprefix("~ ").partition(":")
            yield Job(name, tuple(options.split(" THEN ")), files, line.startswith("~"))


_MANY = """
apple Banana cherry straße naïve 日本 a b c aa ab ba x1 x2 x10 the of and to in is it you that he
was for on are with as I his they be at one have this from
"""

_SUM = b"""#!/usr/bin/env python3
import itertools, sys
lines = (line.rstrip("\\n").split("\\t") for line in sys.stdin)
for key, group in itertools.groupby(lines, lambda pair: pair[0]):
    print(key, sum(int(pair[1]) for pair in group), sep="\\t")
"""

_REPORT = b"""#!/usr/bin/env python3
import sys
for line in sys.stdin:
    sys.stderr.write("reporter:counter:My group,lines,2\\n")
    sys.stderr.write("reporter:counter:My group,odd name: %s,1\\n" % line.strip())
    sys.stderr.write("reporter:status:at %s\\n" % line.strip())
    sys.stderr.write("plain words\\n")
    print(line.strip())
"""

_SHOW = b"""#!/bin/sh
cat > /dev/null
for name in "$@"; do eval "echo $name=\\$$name"; done
"""


def _zip(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _tgz(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return packed.getvalue()


#: The files of each section.
FILES: Mapping[str, Mapping[str, bytes]] = {
    "pairs": {
        "in": b"b\t2\na\t1\nno tab\nc\t3\tmore\n\tno key\n\t\n\nz\t\n",
        "equal": b"1\n2\n3\n4\n",
    },
    "fields": {"in": b"a.b.c.d\na.b\na\n.a.b\na..b\n\n...\nx.y.z\nb.c.\n"},
    "commas": {"in": b"a,b,c\tv\nb\td,e,f\nnone\n,x\n"},
    "numbers": {
        "in": b"x 10 a\ny 9 b\nz -3 c\nw 1.5 d\nv abc e\nu\nt  7 f\n"
        b"s 010 g\nr -0.5 h\nq 1e3 i\np +4 j\n"
    },
    "bytes": {
        "in": b"\xff\xfe\t1\nb\xc3\t2\n\xc3\xa9\t3\na\x00b\t4\na\t5\na\x00\t6\nZ\t7\n\x80\t8\n"
    },
    "count": {
        "in": b"the cat\nsat on the mat\n\nthe end of the cat\n",
        "mapper.sh": b"#!/bin/sh\ntr -s ' ' '\\n' | sed 's/$/\\t1/'\n",
        "sum.py": _SUM,
    },
    "reports": {"in": b"a\nb\nc\n", "report.py": _REPORT},
    "variables": {"in": b"x\n", "show.sh": _SHOW},
    "side": {
        "in": b"k\n",
        "side.txt": b"beside\n",
        "pack.zip": _zip({"a.txt": b"a\n", "b/c.txt": b"c\n"}),
        "pack.tgz": _tgz({"a.txt": b"a\n"}),
    },
    "many": {
        "in": "".join(f"{word}\t{number}\n" for number, word in enumerate(_MANY.split())).encode()
    },
    "lines": {"in": b"".join(b"line %d of the file\n" % number for number in range(40))},
    "amounts": {"in": b"a 10\nb 9\nc -3\nd 100\ne 0\nf 8\ng -20\n"},
    "fractions": {"in": b"1.5 a\n-2.25 b\n1.45 c\n10.0 d\n.5 e\n-0.1 f\n3 g\n"},
    "cities": {"in": b"fr.paris.9\nde.bonn.30\nfr.lyon.10\nde.ulm.4\nfr.nice.100\nde.koeln.200\n"},
    "not a number": {"in": b"LongValueSum:a\tx\n"},
    "unknown kind": {"in": b"Unknown:a\t1\nLongValueSum:b\t1\n"},
    "no kind": {"in": b"LongValueSum:b\t1\nplain\t1\n"},
    "endings": {
        "crlf": b"a\tb\r\nc\r\n\r\nd",
        "cr": b"a\rb\r\rc\td\r",
        "mixed": b"a\nb\r\nc\rd\r\r\ne\n\rf",
        "none": b"a\nb",
        "empty": b"",
        "newline": b"\n",
        "newlines": b"\n\n\n",
        "bom": b"\xef\xbb\xbfa\nb\n\xef\xbb\xbfc\n",
        "nul": b"a\x00b\n\x00\n",
        "latin": b"caf\xe9\nna\xefve\tx\xff\n\xc0\x80\n",
        "semicolons": b"a;b\nc;;d\n;",
        "long": b"x" * 70_000 + b"\ty\n" + b"z\n",
    },
    "tree": {
        "one/a": b"1a\n",
        "one/b": b"1b\n",
        "one/_hidden": b"no\n",
        "one/.hidden": b"no\n",
        "two/a": b"2a\n",
        "two/c": b"2c\n",
        "deep/a": b"da\n",
        "deep/er/a": b"dea\n",
        "in.gz": gzip.compress(b"zipped\tg\nlines\n", mtime=0),
        "two.gz": gzip.compress(b"one\n", mtime=0) + gzip.compress(b"two\n", mtime=0),
        "nothing.gz": gzip.compress(b"", mtime=0),
        "in.bz2": bz2.compress(b"packed\tb\nlines\n"),
    },
    "aggregate": {
        "in": b"".join(
            b"%s:%s\t%s\n" % (kind, key, value)
            for kind, pairs in {
                b"LongValueSum": [(b"s", b"1"), (b"s", b"41"), (b"t", b"-7"), (b"S", b"0")],
                b"LongValueMax": [(b"mx", b"3"), (b"mx", b"-5"), (b"mx", b"12")],
                b"LongValueMin": [(b"mn", b"3"), (b"mn", b"-5"), (b"mn", b"12")],
                b"DoubleValueSum": [(b"d", b"1.5"), (b"d", b"2.25"), (b"e", b"1e10"), (b"f", b"3")],
                b"StringValueMax": [(b"x", b"b"), (b"x", b"a"), (b"x", b"B")],
                b"StringValueMin": [(b"n", b"b"), (b"n", b"a"), (b"n", b"B")],
                b"UniqValueCount": [(b"u", b"a"), (b"u", b"b"), (b"u", b"a")],
                b"ValueHistogram": [(b"h", b"a"), (b"h", b"b"), (b"h", b"a"), (b"h", b"c\t3")],
            }.items()
            for key, value in pairs
        )
    },
}

JOBS = list(_read(Path(__file__).with_name("jobs.txt").read_text("utf-8")))
