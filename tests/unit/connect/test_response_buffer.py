import threading
from itertools import islice
from types import SimpleNamespace

import pytest

from pyrite.connect.response_buffer import ResponseBuffer
from pyrite.sql.errors import SparkError


def message(text: str) -> SimpleNamespace:
    return SimpleNamespace(text=text, response_id="")


def filled(*texts: str, keeps_sent: bool = True, kept_bytes: int = 1000) -> ResponseBuffer:
    buffer = ResponseBuffer(keeps_sent, kept_bytes)
    for text in texts:
        buffer.append(message(text), size=10)
    return buffer


def texts(buffer: ResponseBuffer, after: str = "") -> list[str]:
    return [each.text for each in buffer.stream(after)]


def test_a_stream_gives_all_responses_in_order_with_their_ids() -> None:
    buffer = filled("a", "b")
    buffer.end()
    assert [(each.text, each.response_id) for each in buffer.stream()] == [("a", "1"), ("b", "2")]


def test_a_later_stream_begins_after_what_the_client_has() -> None:
    buffer = filled("a", "b", "c")
    buffer.end()
    texts(buffer)
    assert texts(buffer, after="1") == ["b", "c"]
    assert texts(buffer, after="3") == []


def test_what_was_released_cannot_be_had_again() -> None:
    buffer = filled("a", "b", "c")
    buffer.end()
    texts(buffer)
    buffer.release("2")
    assert texts(buffer, after="2") == ["c"]
    with pytest.raises(SparkError, match=r"INVALID_CURSOR.POSITION_NOT_AVAILABLE"):
        texts(buffer, after="1")


def test_only_so_many_sent_bytes_are_kept() -> None:
    buffer = filled("a", "b", "c", kept_bytes=15)
    buffer.end()
    texts(buffer)
    assert texts(buffer, after="2") == ["c"]
    with pytest.raises(SparkError, match=r"POSITION_NOT_AVAILABLE"):
        texts(buffer)


def test_an_unknown_place_is_an_error() -> None:
    with pytest.raises(SparkError, match=r"INVALID_CURSOR.POSITION_NOT_FOUND"):
        texts(filled("a"), after="7")


def test_an_error_comes_after_the_responses_before_it_and_each_time() -> None:
    buffer = filled("a")
    buffer.end(ValueError("bad"))
    for _ in range(2):
        stream = buffer.stream()
        assert next(stream).text == "a"
        with pytest.raises(ValueError, match="bad"):
            next(stream)


def test_the_first_end_counts() -> None:
    buffer = filled()
    buffer.end()
    buffer.end(ValueError("too late"))
    assert texts(buffer) == []
    assert buffer.append(message("b")) is False


def test_a_new_stream_ends_the_one_before_it() -> None:
    buffer = filled("a")
    first = buffer.stream()
    next(first)
    second = buffer.stream()
    assert next(second).text == "a"
    with pytest.raises(SparkError, match=r"INVALID_CURSOR.DISCONNECTED"):
        next(first)


def test_a_stream_ends_when_its_client_has_gone_away() -> None:
    buffer = filled("a")
    gone = threading.Event()
    stream = buffer.stream(left=gone.is_set, idle_seconds=600)
    assert next(stream).text == "a"
    threading.Timer(0.05, lambda: (gone.set(), buffer.wake())).start()
    assert list(stream) == []
    assert buffer.detached_since is not None
    # Another one may still come back.
    assert [each.text for each in islice(buffer.stream(), 1)] == ["a"]


def test_without_reattach_nothing_stays() -> None:
    buffer = filled("a", "b", keeps_sent=False)
    buffer.end()
    assert texts(buffer) == ["a", "b"]
    assert not buffer._responses


def test_whoever_makes_responses_waits_for_a_slow_client() -> None:
    buffer = filled("a", "b")
    buffer.ahead = 20
    added = threading.Event()

    def add() -> None:
        buffer.append(message("c"), size=10)
        added.set()

    threading.Thread(target=add, daemon=True).start()
    assert not added.wait(0.05)
    assert next(buffer.stream()).text == "a"
    assert added.wait(60)


def test_a_client_that_waits_is_told_how_far_things_are() -> None:
    buffer = filled()

    def progress() -> SimpleNamespace:
        buffer.end()
        return message("half")

    # Responses made after the end are dropped.
    assert [r.text for r in buffer.stream(idle=progress, idle_seconds=0.001)] == []
    buffer = filled()
    stream = buffer.stream(idle=lambda: message("half"), idle_seconds=0.001)
    assert next(stream).text == "half"


def test_a_stream_may_end_early_for_the_client_to_come_back() -> None:
    buffer = filled("a", "b")
    assert [each.text for each in buffer.stream(seconds=0)] == ["a"]
    assert buffer.detached_since is not None
    buffer.end()
    assert texts(buffer, after="1") == ["b"]
