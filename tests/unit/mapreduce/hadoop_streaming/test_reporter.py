"""Lines of stderr: counters and a status for the framework, the rest for the log."""

import pytest

from pyrite.mapreduce.hadoop_streaming.reporter import (
    CounterLine,
    LogLine,
    StatusLine,
    parse_line,
)


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        (b"reporter:counter:group,name,3\n", CounterLine("group", "name", 3)),
        (b"reporter:counter:group,name,-3", CounterLine("group", "name", -3)),
        (b"reporter:counter: a group , a name ,7 \r\n", CounterLine(" a group ", " a name ", 7)),
        ("reporter:counter:größe,ß,1\n".encode(), CounterLine("größe", "ß", 1)),
        (b"reporter:status:reading: a, b\n", StatusLine("reading: a, b")),
        (b"reporter:status:\n", StatusLine("")),
        (b"a line\n", LogLine(b"a line")),
        (b" reporter:status:indented\n", LogLine(b" reporter:status:indented")),
        (b"\xff\xfe\n", LogLine(b"\xff\xfe")),
        (b"", LogLine(b"")),
    ],
)
def test_what_a_line_means(line, meaning):
    assert parse_line(line) == meaning


@pytest.mark.parametrize(
    "line",
    [
        b"reporter:counter:group,name",
        b"reporter:counter:group,name,many",
        b"reporter:counter:group,name,1_000",
        b"reporter:counter:group,name,1.5",
        b"reporter:counter:group,name, 1",
        b"reporter:counter:group,name,1,2",
        b"reporter:counter:group,name,99999999999999999999",
        b"reporter:counters:group,name,1",
        b"reporter:",
    ],
)
def test_a_line_that_is_not_understood_goes_to_the_log_with_the_form_it_should_have(line):
    heard = parse_line(line)
    assert isinstance(heard, LogLine)
    assert line in heard.text
    assert b"reporter:counter:<group>,<name>,<" in heard.text


def test_the_prefix_is_a_setting():
    assert parse_line(b"%status:x", "%") == StatusLine("x")
    assert parse_line(b"reporter:status:x", "%") == LogLine(b"reporter:status:x")
    assert parse_line(b"reporter:status:x", "") == LogLine(b"reporter:status:x")
