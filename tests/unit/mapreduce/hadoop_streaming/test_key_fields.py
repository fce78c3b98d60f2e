import random

import pytest

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.mapreduce.hadoop_streaming.byte_columns import find_in_strings, strings
from pyrite.mapreduce.hadoop_streaming.key_fields import KeyField, cut_fields, parse_key_fields


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ("", ()),
        ("-k1", (KeyField(1),)),
        ("-k2,3", (KeyField(2, 1, 3),)),
        ("-k 2,2", (KeyField(2, 1, 2),)),
        ("-k1.2,3.4nr", (KeyField(1, 2, 3, 4, numeric=True, descending=True),)),
        ("-k2n,2r", (KeyField(2, 1, 2, numeric=True, descending=True),)),
        ("-k1,1 -k2,2n -r", (KeyField(1, 1, 1, descending=True), KeyField(2, 1, 2, numeric=True))),
        ("-nr", (KeyField(numeric=True, descending=True),)),
        ("  -n   -k2 ", (KeyField(2, numeric=True),)),
    ],
)
def test_options(options, fields):
    assert parse_key_fields(options, "name") == fields


@pytest.mark.parametrize(
    "options", ["k2", "-k", "-k0", "-k1.0", "-kx", "-k1,", "-k1,1b", "-z", "-k1,0"]
)
def test_what_is_no_option(options):
    with pytest.raises(SparkIllegalArgumentException, match=r"some\.property=.* -k2,2 or"):
        parse_key_fields(options, "some.property")


def python_field(key, separator, field):
    starts = [0]
    for part in key.split(separator)[:-1]:
        starts.append(starts[-1] + len(part) + len(separator))

    def start_of(number):
        return starts[number - 1] if number <= len(starts) else len(key) + 1

    start = start_of(field.first_field) + field.first_byte - 1
    end = len(key)
    if field.last_field is not None and field.last_field <= len(starts):
        end = start_of(field.last_field) + field.last_byte
        if not field.last_byte:
            end = start_of(field.last_field) + len(key.split(separator)[field.last_field - 1])
    return key[start : max(start, min(end, len(key)))], start < len(key)


@pytest.mark.parametrize("seed", range(200))
def test_fields_are_cut_as_python_would_cut_them(seed):
    rng = random.Random(seed)
    separator = rng.choice([b"\t", b":", b"::"])
    keys = [bytes(rng.choices(b"ab:\t", k=rng.randint(0, 12))) for _ in range(rng.randint(0, 30))]
    fields = tuple(
        KeyField(
            rng.randint(1, 4), rng.randint(1, 3), rng.choice([None, 1, 2, 4]), rng.randint(0, 3)
        )
        for _ in range(3)
    )
    for field, (parts, has) in zip(
        fields, cut_fields(strings(keys), separator, fields), strict=True
    ):
        expected = [python_field(key, separator, field) for key in keys]
        assert list(zip(parts.to_pylist(), has.tolist(), strict=True)) == expected


def test_separators_are_within_one_key():
    keys = strings([b"skipped::", b"a:", b"::b:", b":", b":::"]).slice(1)
    assert [int(place) for place in find_in_strings(keys, b"::")] == [11, 16]
