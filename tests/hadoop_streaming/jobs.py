"""Small jobs of Hadoop Streaming: their input files and options, one line of it each.

``tests/oracle/record_hadoop_streaming.py`` records what Hadoop makes of them.
"""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["JOBS", "Job"]

_LIB = "org.apache.hadoop.mapred.lib."
_MAPRED = "org.apache.hadoop.mapred."


@dataclass(frozen=True)
class Job:
    """One job, or two of which the second reads what the first wrote.

    Attributes:
        name: What it is about.
        options: The options of the streaming jar without ``-output``; ``{d}`` is the folder of
            the input files, of which ``in`` is the input where no ``-input`` is given.
        files: What is in the folder; what ends in ``.sh`` or ``.py`` may be executed.
        then: The options of the second job; ``{first}`` is what the first one wrote.
        any_order: Whether Hadoop leaves open in which order lines of one file are.
    """

    name: str
    options: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    then: str | None = None
    any_order: bool = False

    @property
    def steps(self) -> list[str]:
        """The options of the one job, or of both."""
        return [self.options] if self.then is None else [self.options, self.then]


def _jobs(files: Mapping[str, bytes], table: str, *, any_order: bool = False) -> list[Job]:
    """Make jobs of lines ``name: options``, all with the same files."""
    jobs = []
    for line in filter(None, map(str.strip, table.splitlines())):
        name, _, options = line.partition(":")
        options, _, then = options.strip().partition(" THEN ")
        jobs.append(Job(name, options, files, then or None, any_order))
    return jobs


_WORDS = {"in": b"the cat\nsat on the mat\n\nthe end of the cat\n"}
_PAIRS = {"in": b"b\t2\na\t1\nno tab\nc\t3\tmore\n\tno key\n\t\n\nz\t\n"}
_FIELDS = {"in": b"a.b.c.d\na.b\na\n.a.b\na..b\n\n...\nx.y.z\nb.c.\n"}
_COMMAS = {"in": b"a,b,c\tv\nb\td,e,f\nnone\n,x\n"}
_NUMBERS = {
    "in": b"x 10 a\ny 9 b\nz -3 c\nw 1.5 d\nv abc e\nu\nt  7 f\ns 010 g\nr -0.5 h\nq 1e3 i\np +4 j\n"
}
_MANY = {
    "in": "".join(f"{word}\t{number}\n" for number, word in enumerate(
        "apple Banana cherry straße naïve 日本 a b c aa ab ba x1 x2 x10 the of and to in is it "
        "you that he was for on are with as I his they be at one have this from".split()
    )).encode()
}
_BYTES = {"in": b"\xff\xfe\t1\nb\xc3\t2\n\xc3\xa9\t3\na\x00b\t4\na\t5\na\x00\t6\nZ\t7\n\x80\t8\n"}
_LONG = b"".join(b"line %d of the file\n" % number for number in range(40))
_COUNT = {
    "in": _WORDS["in"],
    "mapper.sh": b"#!/bin/sh\ntr -s ' ' '\\n' | sed 's/$/\\t1/'\n",
    "sum.py": b"""#!/usr/bin/env python3
import itertools, sys
lines = (line.rstrip("\\n").split("\\t") for line in sys.stdin)
for key, group in itertools.groupby(lines, lambda pair: pair[0]):
    print(key, sum(int(pair[1]) for pair in group), sep="\\t")
""",
}
_REPORTS = {
    "in": b"a\nb\nc\n",
    "report.py": b"""#!/usr/bin/env python3
import sys
for line in sys.stdin:
    sys.stderr.write("reporter:counter:My group,lines,2\\n")
    sys.stderr.write("reporter:counter:My group,odd name: %s,1\\n" % line.strip())
    sys.stderr.write("reporter:status:at %s\\n" % line.strip())
    sys.stderr.write("plain words\\n")
    print(line.strip())
""",
}
_ENDINGS = {
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
    "long": b"x" * 200_000 + b"\ty\n" + b"z\n",
}
_TREE = {
    "one/a": b"1a\n",
    "one/b": b"1b\n",
    "one/_hidden": b"no\n",
    "one/.hidden": b"no\n",
    "two/a": b"2a\n",
    "two/c": b"2c\n",
    "deep/a": b"da\n",
    "deep/er/a": b"dea\n",
    "in.gz": gzip.compress(b"zipped\tg\nlines\n", mtime=0),
    "in.bz2": bz2.compress(b"packed\tb\nlines\n"),
}
_AGGREGATE = {
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
}
_VARIABLES = {
    "in": b"x\n",
    "show.sh": b"""#!/bin/sh
cat > /dev/null
for name in "$@"; do eval "echo $name=\\$$name"; done
""",
}
_SIDE = {
    "in": b"k\n",
    "side.txt": b"beside\n",
    "script.sh": b"#!/bin/sh\ncat\necho from a script\n",
}

JOBS = [
    *_jobs(
        _PAIRS,
        """
        pairs: -mapper cat -reducer cat
        pairs without any program:
        pairs of the mapper only: -mapper cat -reducer NONE
        pairs with no reduce tasks: -mapper cat -reducer cat -numReduceTasks 0
        pairs by a property: -D mapred.reduce.tasks=0 -mapper cat
        identity reducer: -mapper cat -reducer org.apache.hadoop.mapred.lib.IdentityReducer
        two key fields: -D stream.num.map.output.key.fields=2 -mapper cat -reducer cat
        three key fields: -D stream.num.map.output.key.fields=3 -mapper cat
        no key fields: -D stream.num.map.output.key.fields=0 -mapper cat
        reducer of two key fields: -D stream.num.reduce.output.key.fields=2 -D mapreduce.output.textoutputformat.separator=| -mapper cat -reducer cat
        separator of the output: -D mapreduce.output.textoutputformat.separator=, -mapper cat -reducer cat
        old separator of the output: -D mapred.textoutputformat.separator=:: -mapper cat
        separator of the output without reducers: -D mapred.textoutputformat.separator=, -mapper cat -reducer NONE
        reducer is given another separator: -D stream.reduce.input.field.separator=| -mapper cat -reducer cat
        key and value as input: -inputformat KeyValueTextInputFormat -mapper cat -reducer cat
        mapper is given another separator: -D stream.map.input.field.separator=| -inputformat KeyValueTextInputFormat -mapper cat -reducer NONE
        key and value without the key: -D stream.map.input.ignoreKey=true -inputformat KeyValueTextInputFormat -mapper cat
        lines with their keys: -D stream.map.input.ignoreKey=false -mapper cat -reducer NONE
        identity mapper: -mapper org.apache.hadoop.mapred.lib.IdentityMapper -reducer NONE
        identity mapper sorted by number: -mapper org.apache.hadoop.mapred.lib.IdentityMapper
        reducer ends early: -mapper cat -reducer 'head -n 1'
        reducer reads nothing: -mapper cat -reducer 'sh -c "cat > /dev/null; echo done"'
        mapper reads nothing: -mapper 'sh -c "cat > /dev/null; echo a"' -reducer cat
        mapper writes nothing: -mapper 'sh -c "cat > /dev/null"' -reducer cat
        mapper fails: -D mapreduce.map.maxattempts=1 -mapper false
        reducer fails: -D mapreduce.reduce.maxattempts=1 -mapper cat -reducer 'sh -c "cat; exit 3"'
        mapper fails and that is fine: -D stream.non.zero.exit.is.failure=false -mapper 'grep nothing' -reducer cat
        reducers without keys: -mapper cat -reducer cat -numReduceTasks 4
        lazy output: -lazyOutput -mapper cat -reducer cat -numReduceTasks 12
        lazy output of mappers: -D stream.non.zero.exit.is.failure=false -lazyOutput -mapper 'grep nothing' -reducer NONE
        combiner: -mapper cat -combiner cat -reducer cat
        combiner without reducers: -mapper cat -combiner 'echo x' -reducer NONE
        no output files: -mapper cat -outputformat org.apache.hadoop.mapred.lib.NullOutputFormat
        typed bytes: -io typedbytes -mapper cat -reducer cat
        raw bytes: -io rawbytes -mapper cat -reducer NONE
        quotes in commands: -mapper 'sed -e "s/a/b c/"' -reducer NONE
        a shell: -mapper 'sh -c "cat | tr a-z A-Z"' -reducer 'sh -c "cat; echo end"'
        """,
    ),
    *_jobs(
        _FIELDS,
        """
        fields: -D stream.map.output.field.separator=. -mapper cat -reducer cat
        two fields: -D stream.map.output.field.separator=. -D stream.num.map.output.key.fields=2 -mapper cat -reducer cat
        four fields: -D stream.map.output.field.separator=. -D stream.num.map.output.key.fields=4 -mapper cat
        two fields of the mapper only: -D stream.map.output.field.separator=. -D stream.num.map.output.key.fields=2 -mapper cat -reducer NONE
        separator of two characters: -D stream.map.output.field.separator=.. -mapper cat -reducer cat
        separator that is not there: -D stream.map.output.field.separator=# -mapper cat -reducer cat
        fields all the way: -D stream.map.output.field.separator=. -D stream.num.map.output.key.fields=2 -D stream.reduce.input.field.separator=. -D stream.reduce.output.field.separator=. -D stream.num.reduce.output.key.fields=2 -mapper cat -reducer cat
        input by its own separator: -D key.value.separator.in.input.line=. -inputformat KeyValueTextInputFormat -mapper cat -reducer NONE
        input by a separator of two characters: -D mapreduce.input.keyvaluelinerecordreader.key.value.separator=b. -inputformat KeyValueTextInputFormat -mapper cat -reducer NONE
        partition by a field: -D stream.map.output.field.separator=. -D stream.num.map.output.key.fields=4 -D map.output.key.field.separator=. -D mapred.text.key.partitioner.options=-k2,2 -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner -mapper cat -numReduceTasks 3
        partition by two fields: -D map.output.key.field.separator=. -D mapreduce.partition.keypartitioner.options=-k1,2 -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner -mapper cat -numReduceTasks 3
        partition by the rest: -D map.output.key.field.separator=. -D mapreduce.partition.keypartitioner.options=-k2 -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner -mapper cat -numReduceTasks 3
        partition by characters: -D map.output.key.field.separator=. -D mapreduce.partition.keypartitioner.options=-k1.1,2.1 -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner -mapper cat -numReduceTasks 3
        partition by fields twice: -D map.output.key.field.separator=. -D 'mapreduce.partition.keypartitioner.options=-k1,1 -k3,3' -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner -mapper cat -numReduceTasks 3
        partition by the number of fields: -D map.output.key.field.separator=. -D num.key.fields.for.partition=2 -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner -mapper cat -numReduceTasks 3
        partition by fields without options: -partitioner org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner -mapper cat -numReduceTasks 3
        hash partitioner by name: -partitioner org.apache.hadoop.mapred.lib.HashPartitioner -mapper cat -numReduceTasks 3
        """,
    ),
    *_jobs(
        _COMMAS,
        """
        output of the reducer by commas: -D stream.reduce.output.field.separator=, -mapper cat -reducer cat
        output of the reducer by two commas: -D stream.reduce.output.field.separator=, -D stream.num.reduce.output.key.fields=2 -mapper cat -reducer cat
        """,
    ),
    *_jobs(
        _NUMBERS,
        f"""
        sorted backwards: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D mapred.text.key.comparator.options=-r -mapper cat -reducer cat
        sorted by a field: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D 'mapreduce.map.output.key.field.separator= ' -D mapreduce.partition.keycomparator.options=-k3 -mapper cat -reducer cat
        sorted by characters: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D 'mapreduce.map.output.key.field.separator= ' -D 'mapreduce.partition.keycomparator.options=-k1.1,1.1r' -mapper cat -reducer cat
        sorted by the new class: -D mapreduce.job.output.key.comparator.class=org.apache.hadoop.mapreduce.lib.partition.KeyFieldBasedComparator -D 'mapreduce.partition.keycomparator.options=-k1,1r' -mapper cat -reducer cat
        """,
    ),
    *_jobs(
        {"in": b"a 10\nb 9\nc -3\nd 100\ne 0\nf 8\ng -20\n"},
        f"""
        sorted by a number: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D 'mapreduce.map.output.key.field.separator= ' -D mapreduce.partition.keycomparator.options=-k2,2n -mapper cat -reducer cat
        sorted by a number backwards: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D 'mapreduce.map.output.key.field.separator= ' -D mapreduce.partition.keycomparator.options=-k2,2nr -mapper cat -reducer cat
        sorted by a number with options apart: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D 'mapreduce.map.output.key.field.separator= ' -D 'mapreduce.partition.keycomparator.options=-k2 -nr' -mapper cat -reducer cat
        """,
    ),
    *_jobs(
        {"in": b"1.5 a\n-2.25 b\n1.45 c\n10.0 d\n.5 e\n-0.1 f\n3 g\n"},
        f"""
        sorted as numbers: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D mapreduce.partition.keycomparator.options=-n -mapper 'cut -d " " -f 1' -reducer cat
        sorted as numbers backwards: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D mapreduce.partition.keycomparator.options=-nr -mapper 'cut -d " " -f 1' -reducer cat
        sorted by fractions: -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D 'mapreduce.map.output.key.field.separator= ' -D mapreduce.partition.keycomparator.options=-k1,1n -mapper cat -reducer cat
        """,
    ),
    *_jobs(
        {"in": b"fr.paris.9\nde.bonn.30\nfr.lyon.10\nde.ulm.4\nfr.nice.100\nde.koeln.200\n"},
        f"""
        secondary sort: -D stream.map.output.field.separator=. -D stream.num.map.output.key.fields=3 -D map.output.key.field.separator=. -D mapreduce.partition.keypartitioner.options=-k1,1 -D mapred.output.key.comparator.class={_LIB}KeyFieldBasedComparator -D 'mapreduce.partition.keycomparator.options=-k1,1 -k3,3nr' -partitioner {_LIB}KeyFieldBasedPartitioner -mapper cat -reducer cat -numReduceTasks 2
        """,
    ),
    *_jobs(
        _MANY,
        """
        many keys: -mapper cat -reducer cat -numReduceTasks 3
        many keys for seven: -mapper cat -numReduceTasks 7
        many keys as one: -D stream.num.map.output.key.fields=5 -mapper cat -numReduceTasks 5
        sequence files: -mapper cat -reducer cat -outputformat org.apache.hadoop.mapred.SequenceFileOutputFormat THEN -input {first} -inputformat SequenceFileAsTextInputFormat -mapper cat
        sequence files of mappers: -mapper cat -reducer NONE -outputformat org.apache.hadoop.mapred.SequenceFileOutputFormat THEN -input {first} -inputformat SequenceFileInputFormat -mapper cat -reducer NONE
        sequence files of numbers: -outputformat org.apache.hadoop.mapred.SequenceFileOutputFormat -mapper org.apache.hadoop.mapred.lib.IdentityMapper -reducer NONE THEN -input {first} -inputformat SequenceFileAsTextInputFormat -mapper cat -reducer NONE
        compressed: -D mapred.output.compress=true -D mapred.output.compression.codec=org.apache.hadoop.io.compress.GzipCodec -mapper cat -reducer cat
        compressed with bzip2: -D mapreduce.output.fileoutputformat.compress=true -D mapreduce.output.fileoutputformat.compress.codec=org.apache.hadoop.io.compress.BZip2Codec -mapper cat -reducer NONE
        two jobs: -mapper cat -reducer cat -numReduceTasks 2 THEN -input {first} -mapper cat -reducer 'wc -l'
        """,
    ),
    *_jobs(
        _BYTES,
        """
        bytes: -mapper cat -reducer cat
        bytes partitioned: -mapper cat -numReduceTasks 3
        bytes of the mapper only: -mapper cat -reducer NONE
        bytes without programs: -reducer NONE
        bytes as typed bytes: -io typedbytes -mapper cat -reducer NONE
        """,
    ),
    *_jobs(
        {"in": _LONG},
        """
        n lines each: -D mapreduce.input.lineinputformat.linespermap=15 -inputformat org.apache.hadoop.mapred.lib.NLineInputFormat -mapper cat -reducer NONE
        a line each: -D mapred.line.input.format.linespermap=1 -inputformat org.apache.hadoop.mapred.lib.NLineInputFormat -mapper 'cut -f 2' -reducer 'wc -l'
        small splits: -D fs.local.block.size=100 -mapper cat -reducer NONE
        small splits counted: -D fs.local.block.size=64 -mapper 'wc -l' -reducer cat
        small splits at least so large: -D fs.local.block.size=64 -D mapreduce.input.fileinputformat.split.minsize=300 -mapper 'wc -c' -reducer NONE
        """,
        any_order=True,
    ),
    *(
        Job(f"lines of {name}", f"-input {{d}}/{name} -mapper cat -reducer NONE", _ENDINGS)
        for name in _ENDINGS
    ),
    *_jobs(
        _ENDINGS,
        """
        records by a delimiter: -D textinputformat.record.delimiter=; -input {d}/semicolons -mapper cat -reducer NONE
        carriage returns of a mapper: -input {d}/none -mapper `sh -c "cat > /dev/null; printf 'a\\rb\\tc\\r\\nd\\r\\re\\tf'"` -reducer NONE
        carriage returns of a reducer: -input {d}/none -mapper cat -reducer `sh -c "cat > /dev/null; printf 'a\\rb\\tc\\r\\nd\\r\\re\\tf'"`
        no last newline of a mapper: -input {d}/none -mapper `sh -c "cat > /dev/null; printf 'a\\nb'"` -reducer cat
        empty lines of a mapper: -input {d}/none -mapper `sh -c "cat > /dev/null; printf '\\n\\n\\n'"` -reducer cat
        the longest line: -input {d}/long -mapper cat -reducer cat
        crlf and key: -input {d}/crlf -inputformat KeyValueTextInputFormat -mapper cat -reducer cat
        nothing reduced: -input {d}/empty -mapper cat -reducer cat
        nothing mapped: -input {d}/empty -mapper 'wc -l' -reducer NONE
        nothing at all: -input {d}/empty -mapper cat -reducer 'wc -c'
        keys of latin letters: -input {d}/latin -mapper cat -reducer cat -numReduceTasks 2
        """,
    ),
    *_jobs(
        _TREE,
        """
        a directory: -input {d}/one -mapper cat -reducer cat
        two inputs: -input {d}/one -input {d}/two -mapper cat -reducer cat
        two inputs at once: -input {d}/one {d}/two/c -mapper cat
        inputs with a comma: -input {d}/one/a,{d}/two/a -mapper cat
        a glob: -input {d}/*/a -mapper cat
        a glob of braces: -input {d}/{one,two}/[ab] -mapper cat
        a glob of question marks: -input {d}/t?o -mapper cat
        directories in directories: -D mapreduce.input.fileinputformat.input.dir.recursive=true -input {d}/deep -mapper cat
        a directory in a directory: -input {d}/deep -mapper cat
        no such input: -input {d}/three -mapper cat
        no such glob: -input {d}/x* -mapper cat
        gzip: -input {d}/in.gz -mapper cat -reducer cat
        bzip2: -input {d}/in.bz2 -mapper cat -reducer NONE
        """,
    ),
    *_jobs(
        _COUNT,
        """
        word count: -mapper {d}/mapper.sh -reducer {d}/sum.py
        word count with a combiner: -mapper {d}/mapper.sh -combiner {d}/sum.py -reducer {d}/sum.py
        word count on three reducers: -mapper {d}/mapper.sh -combiner {d}/sum.py -reducer {d}/sum.py -numReduceTasks 3
        sorted values: -mapper {d}/mapper.sh -reducer cat
        """,
    ),
    *_jobs(
        _AGGREGATE,
        """
        aggregate: -mapper cat -reducer aggregate
        aggregate on two: -mapper cat -reducer aggregate -numReduceTasks 2
        aggregate of splits: -D fs.local.block.size=100 -mapper cat -reducer aggregate
        """,
    ),
    *_jobs(
        {"in": b"LongValueSum:a\tx\n"},
        "aggregate of what is no number: -D mapreduce.map.maxattempts=1 -mapper cat -reducer aggregate",
    ),
    *_jobs(
        {"in": b"Unknown:a\t1\nLongValueSum:b\t1\n"},
        "aggregate of an unknown kind: -D mapreduce.map.maxattempts=1 -mapper cat -reducer aggregate",
    ),
    *_jobs(
        {"in": b"LongValueSum:b\t1\nplain\t1\n"},
        "aggregate of no kind: -D mapreduce.map.maxattempts=1 -mapper cat -reducer aggregate",
    ),
    *_jobs(
        _REPORTS,
        """
        counters: -mapper {d}/report.py -reducer {d}/report.py
        counters with another prefix: -D stream.stderr.reporter.prefix=report: -mapper {d}/report.py -reducer NONE
        """,
    ),
    *_jobs(
        _VARIABLES,
        """
        variables: -cmdenv MINE=1 -cmdenv OTHER=a=b -mapper '{d}/show.sh MINE OTHER' -reducer NONE
        variables of a mapper: -D my.own-prop=x -mapper '{d}/show.sh mapreduce_task_ismap mapred_task_is_map mapreduce_task_partition mapred_task_partition mapreduce_map_input_file map_input_file mapreduce_map_input_start map_input_length my_own_prop mapreduce_job_reduces mapred_reduce_tasks stream_map_input' -reducer NONE
        variables of a reducer: -D mapreduce.job.name=N -mapper cat -reducer '{d}/show.sh mapreduce_task_ismap mapreduce_task_partition mapred_tip_id mapreduce_map_input_file mapreduce_job_name' -numReduceTasks 1
        """,
    ),
    *_jobs(
        _SIDE,
        """
        a file beside: -files {d}/side.txt -mapper 'cat - side.txt' -reducer NONE
        a file by another name: -files {d}/side.txt#other -mapper 'cat - other' -reducer NONE
        """,
    ),
]
