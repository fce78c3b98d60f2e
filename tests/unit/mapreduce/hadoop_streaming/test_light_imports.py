"""What tasks do with records needs numpy and pyarrow; pandas takes longer than a small task."""

import subprocess
import sys

PROGRAM = """
import sys
from pyrite.mapreduce.hadoop_streaming.aggregate import aggregated
from pyrite.mapreduce.hadoop_streaming.comparators import KeyFieldOrdering
from pyrite.mapreduce.hadoop_streaming.key_fields import parse_key_fields
from pyrite.mapreduce.hadoop_streaming.key_value_text import KeyValueText
from pyrite.mapreduce.hadoop_streaming.partitioners import (
    HashPartitioner, KeyFieldPartitioner, OffsetPartitioner
)
from pyrite.mapreduce.hadoop_streaming.raw_bytes import RawBytes
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.sorting import sort
from pyrite.mapreduce.hadoop_streaming.typed_bytes import TypedBytes, typed_text

fields = parse_key_fields("-k2,2nr -k1", "options")
(records,) = KeyValueText(counting=True).read([b"LongValueSum:1\\t2\\n" * 50])
for partitioner in (HashPartitioner(3), KeyFieldPartitioner(3, fields)):
    parts = [part.encode() for _, part in records.split(partitioner.place(records), 3)]
numbers = Records.of([(b"1", b"x"), (b"2", b"y")])
OffsetPartitioner(3).place(numbers)
ordered = list(sort(map(Records.decode, parts), KeyFieldOrdering(fields), 100, sys.argv[1]))
assert [batch.pairs() for batch in aggregated(ordered)] == [[(b"1", b"100")]]
for encoding in (RawBytes(True, True), TypedBytes("text", True)):
    (again,) = encoding.read([bytes(encoding.write(numbers))])
assert typed_text(again.keys).to_pylist() == [b"1", b"2"]
assert "pandas" not in sys.modules
"""


def test_no_pandas(tmp_path):
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], check=True)
