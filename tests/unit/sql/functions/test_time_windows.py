"""Durations of time windows."""

from __future__ import annotations

import pytest

from pyrite.sql.functions.time_windows import duration_micros


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("5 seconds", 5_000_000),
        ("1 minute 30 seconds", 90_000_000),
        ("interval 2 hours", 7_200_000_000),
        ("1.5 milliseconds", 1_500),
        ("-1 day", -86_400_000_000),
        ("1 month", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_duration_is_a_number_of_microseconds(text: str, micros: int | None) -> None:
    assert duration_micros(text) == micros
