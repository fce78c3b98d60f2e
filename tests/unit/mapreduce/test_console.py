"""The console: log lines as Hadoop's, and one live line below them."""

import io
import re

from pyrite.mapreduce.console import Console


def test_log_lines_have_hadoops_form() -> None:
    stream = io.StringIO()
    console = Console(stream, clock=lambda: 1_700_000_000.25)

    console.info("mapreduce.Job", "Counters: 1\n\tg\n\t\tn=1")
    console.warn("a.B", "hm")
    console.error("a.B", "oh")

    lines = stream.getvalue().splitlines()
    form = r"2023-11-1\d \d\d:\d\d:\d\d,250 "
    assert re.fullmatch(form + "INFO mapreduce.Job: Counters: 1", lines[0])
    assert lines[1:3] == ["\tg", "\t\tn=1"]
    assert re.fullmatch(form + "WARN a.B: hm", lines[3])
    assert re.fullmatch(form + "ERROR a.B: oh", lines[4])


def test_the_live_line_stays_below_what_is_logged() -> None:
    stream = io.StringIO()
    console = Console(stream, live=True, width=lambda: 20)

    console.show("half of it")
    console.plain("a line")
    console.show("all\nof it")
    console.show("")

    blank = "\r" + " " * 10 + "\r"
    assert stream.getvalue() == (
        f"half of it{blank}a line\nhalf of it{blank}all of it" + "\r" + " " * 9 + "\r"
    )


def test_the_live_line_fits_the_terminal() -> None:
    stream = io.StringIO()

    Console(stream, live=True, width=lambda: 5).show("abcdefgh")

    assert stream.getvalue() == "abcd"


def test_there_is_no_live_line_for_programs() -> None:
    stream = io.StringIO()

    Console(stream).show("half of it")

    assert stream.getvalue() == ""


def test_a_reader_that_is_gone_is_no_reason_to_fail() -> None:
    stream = io.StringIO()
    stream.close()

    Console(stream).plain("a line")
