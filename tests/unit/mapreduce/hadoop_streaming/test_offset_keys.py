from pyrite.mapreduce.hadoop_streaming.offset_keys import OffsetOrdering, OffsetPartitioner
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.sorting import sort


def test_offsets_are_ordered_as_numbers(tmp_path):
    records = Records.of([(b"10", b"a"), (b"9", b"b"), (b"5000000000", b"c"), (b"9", b"a")])
    (batch,) = sort([records], OffsetOrdering(), 1 << 20, str(tmp_path))
    assert batch.pairs() == [(b"9", b"a"), (b"9", b"b"), (b"10", b"a"), (b"5000000000", b"c")]


def test_offsets_are_divided_as_hadoop_divides_them():
    records = Records.of([(b"10", b""), (b"11", b""), (b"5000000000", b"")])
    # Java's hash of the last is 705032704
    assert OffsetPartitioner(7).place(records).tolist() == [3, 4, 705032704 % 7]
