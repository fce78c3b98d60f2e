import os
import random
import subprocess
from decimal import Decimal

import pytest

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
from pyrite.mapreduce.hadoop_streaming.comparators import (
    BytesOrdering,
    KeyFieldOrdering,
    make_ordering,
)
from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
from pyrite.mapreduce.hadoop_streaming.key_fields import parse_key_fields
from pyrite.mapreduce.hadoop_streaming.number_text import ordered_numbers
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.row_order import order_rows
from pyrite.mapreduce.hadoop_streaming.stream_job import (
    KEY_FIELD_COMPARATOR,
    Command,
    StreamJob,
)


def number(rng):
    digits = "".join(rng.choices("0012359", k=rng.randint(0, 5)))
    point = rng.choice(["", "", ".5", ".50", ".05", ".123", "."])
    return (rng.choice(["", "-"]) + digits + point).encode()


def worth(text):
    return (
        Decimal((text.decode().rstrip(".") or "0").replace("-.", "-0."))
        if text not in (b"-", b"-.")
        else 0
    )


@pytest.mark.parametrize("seed", range(50))
def test_numbers_are_ordered_by_what_they_are_worth(seed):
    rng = random.Random(seed)
    texts = [number(rng) for _ in range(60)]
    ordered = ordered_numbers(strings([*texts, b"skipped"]).slice(0, 60)).to_pylist()
    for one, ordered_one in zip(texts, ordered, strict=True):
        for other, ordered_other in zip(texts, ordered, strict=True):
            assert (ordered_one < ordered_other) == (worth(one) < worth(other)), (one, other)
            assert (ordered_one == ordered_other) == (worth(one) == worth(other)), (one, other)


def test_numbers_of_any_length_and_what_is_none():
    texts = [b"-" + b"9" * 300, b"-" + b"8" * 300, b"-1" + b"0" * 254, b"-1" + b"0" * 253]
    texts += [
        b"-2",
        b"-0.1",
        b"0",
        b"1.2.3",
        b"1.3",
        b"8" * 254,
        b"8" * 255,
        b"8" * 300,
        b"9" * 300,
    ]
    ordered = ordered_numbers(strings(texts)).to_pylist()
    assert ordered == sorted(ordered)
    assert len(set(ordered)) == len(ordered)
    zeros = [b"", b"-", b"abc", b"+3", b" 5", b"-0", b".", b"--1", b"00.00", b"-.x"]
    assert len(set(ordered_numbers(strings(zeros)).to_pylist())) == 1
    assert ordered_numbers(strings([])).to_pylist() == []
    one, two = ordered_numbers(strings([b"1e3", b"1 m"])).to_pylist()
    assert one == two


@pytest.mark.parametrize(
    "options", ["-k2,2nr", "-k1,1n -k2,2r", "-k3 -k1,1nr", "-k2,3 -r", "-n", "-k1,1nr -k2,2n"]
)
@pytest.mark.parametrize("seed", range(4))
def test_the_order_is_that_of_sort(options, seed):
    rng = random.Random(seed)
    # A key that begins with its separator begins with a blank for sort
    keys = [b"\t".join([b"1" + number(rng), number(rng), number(rng)]) for _ in range(200)]
    ordering = KeyFieldOrdering(parse_key_fields(options, "options"))
    order, _ = order_rows(ordering.columns(Records.of([(key, b"") for key in keys])))
    # An option that stands alone turns the last comparison of sort round, too
    words = options.split()
    alone = [word for word in words if not word.startswith("-k")]
    fields = [word + alone[0][1:] if alone else word for word in words if word not in alone]
    done = subprocess.run(
        ["sort", "-t\t", *([word for field in fields for word in ("-k", field[2:])] or alone)],
        input=b"".join(key + b"\n" for key in keys),
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        check=True,
    )
    assert [keys[row] for row in order] == done.stdout.splitlines()


def test_keys_without_the_field():
    ordering = KeyFieldOrdering(parse_key_fields("-k2,2nr", "options"))
    keys = [b"a", b"b\t", b"c\t-5", b"d\t\tempty", b"e\t7", b"f\tword"]
    order, _ = order_rows(ordering.columns(Records.of([(key, b"") for key in keys])))
    assert order.tolist() == [4, 3, 5, 2, 0, 1]


def job(**properties):
    conf = JobConf({name.replace("__", "."): value for name, value in properties.items()})
    return StreamJob(("in",), "out", Command(("cat",)), comparator=KEY_FIELD_COMPARATOR, conf=conf)


def test_the_ordering_of_a_job():
    options = {"mapreduce__partition__keycomparator__options": "-k2,2n"}
    separator = {"map__output__key__field__separator": "."}
    assert make_ordering(StreamJob(("in",), "out", Command(("cat",)))) == BytesOrdering()
    assert make_ordering(job()) == BytesOrdering()
    assert make_ordering(job(**options, **separator)) == KeyFieldOrdering(
        parse_key_fields("-k2,2n", ""), b"."
    )
    with pytest.raises(
        SparkIllegalArgumentException, match=r"keycomparator\.options=-x: -x is not"
    ):
        make_ordering(job(mapred__text__key__comparator__options="-x"))


def test_keys_that_are_offsets():
    records = Records.of([(b"10", b"a"), (b"9", b"b"), (b"5000000000", b"c"), (b"9", b"a")])
    order, _ = order_rows(make_ordering(StreamJob(("in",), "out")).columns(records))
    assert order.tolist() == [3, 1, 0, 2]
