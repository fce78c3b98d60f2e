import contextlib
import os
import socket
import threading

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.network import BlockClient, BlockServer, LostFile, block_client

SECRET = b"the application's secret"


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "served"
    root.mkdir()
    return root


@pytest.fixture
def server(root):
    server = BlockServer([str(root)], SECRET, "127.0.0.1")
    yield server
    server.stop()


@pytest.fixture
def client(tmp_path):
    client = BlockClient(SECRET, str(tmp_path))
    yield client
    client.close()


def test_pieces_of_files_arrive_in_the_order_asked_for(server, root, client):
    (root / "a").write_bytes(b"0123456789")
    (root / "b").write_bytes(b"abcdef")
    wanted = [
        (str(root / "b"), ((1, 2),)),
        (str(root / "a"), ((7, 3), (0, 1))),
        (str(root / "b"), ((6, 0),)),
    ]
    for _ in range(2):  # the second time over the same connection
        got = [bytes(piece) for piece in client.read_ranges(server.location, wanted)]
        assert got == [b"bc", b"7890", b""]


def test_a_connection_is_free_again_with_the_last_piece(server, root, client, monkeypatch):
    (root / "a").write_bytes(b"0123456789")
    opened = []
    connect = block_client.wire.connect
    monkeypatch.setattr(block_client.wire, "connect", lambda *to: opened.append(to) or connect(*to))
    for _ in range(3):
        pieces = client.read_ranges(server.location, [(str(root / "a"), ((0, 1),))] * 2)
        assert [bytes(next(pieces)) for _ in range(2)] == [b"0", b"0"]
    assert len(opened) == 1


def test_a_file_that_is_lost_or_cut_short_does_not_end_the_conversation(server, root, client):
    (root / "short").write_bytes(b"123")
    (root / "whole").write_bytes(b"456")
    paths = [str(root / name) for name in ("gone", "short", "whole")]
    gone, short, whole = client.read_ranges(
        server.location, [(p, ((0, 4),)) for p in paths[:2]] + [(paths[2], ((0, 3),))]
    )
    assert isinstance(gone, LostFile)
    assert "gone" in str(gone)
    assert "truncated at byte 3" in str(short)
    assert bytes(whole) == b"456"


def test_a_large_block_goes_through_a_file(server, root, client, monkeypatch):
    monkeypatch.setattr(block_client, "_MAX_IN_MEMORY", 1000)
    content = os.urandom(3_000_001)
    (root / "large").write_bytes(content)
    (piece,) = client.read_ranges(server.location, [(str(root / "large"), ((1, 3_000_000),))])
    assert bytes(piece) == content[1:]


def test_a_conversation_left_in_the_middle_disturbs_no_later_one(server, root, client):
    (root / "large").write_bytes(bytes(5_000_000))
    (root / "small").write_bytes(b"small")
    pieces = client.read_ranges(server.location, [(str(root / "large"), ((0, 5_000_000),))] * 3)
    next(pieces)
    pieces.close()
    (piece,) = client.read_ranges(server.location, [(str(root / "small"), ((0, 5),))])
    assert bytes(piece) == b"small"


def test_whole_files_travel_both_ways(server, root, client, tmp_path):
    content = os.urandom(2_500_000)
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)
    client.send_file(server.location, str(root / "inner" / "copy"), str(source))
    with open(target, "wb", buffering=0) as file:
        client.copy_into(server.location, str(root / "inner" / "copy"), file)
    assert target.read_bytes() == content
    entries = client.list_files(server.location, str(root))
    assert [(entry.name, entry.size) for entry in entries][1:] == [("inner/copy", 2_500_000)]
    for nothing in ("nowhere", "inner/copy"):
        with pytest.raises(LostFile, match=nothing):
            client.list_files(server.location, str(root / nothing))


def test_an_empty_file_travels_too(server, root, client, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    client.send_file(server.location, str(root / "empty"), str(tmp_path / "empty"))
    with open(tmp_path / "again", "wb", buffering=0) as file:
        client.copy_into(server.location, str(root / "empty"), file)
    assert (tmp_path / "again").read_bytes() == b""


@pytest.mark.parametrize("path", ["/etc/hostname", "{root}/../secret", "{root}/link"])
def test_nothing_outside_of_the_directories_is_read_or_written(
    server, root, client, tmp_path, path
):
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    path = path.format(root=root)
    (answer,) = client.read_ranges(server.location, [(path, ((0, 1),))])
    assert "is not a file of this application" in str(answer)
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(LostFile, match="is not a file of this application"):
        client.send_file(server.location, path, str(tmp_path / "mine"))
    assert (tmp_path / "secret").read_text() == "secret"


def test_who_does_not_know_the_secret_is_refused(server, root, tmp_path):
    (root / "a").write_bytes(b"a")
    stranger = BlockClient(b"another secret", str(tmp_path))
    with pytest.raises(OSError, match="not of this application"):
        list(stranger.read_ranges(server.location, [(str(root / "a"), ((0, 1),))]))


def test_a_silent_stranger_keeps_nobody_waiting(server, root, client):
    (root / "a").write_bytes(b"a")
    host, port = server.location.split(":")
    with socket.create_connection((host, int(port))):
        (piece,) = client.read_ranges(server.location, [(str(root / "a"), ((0, 1),))])
    assert bytes(piece) == b"a"


def test_a_server_that_ends_is_an_error_of_the_operating_system(server, root, client):
    (root / "a").write_bytes(b"a")
    wanted = [(str(root / "a"), ((0, 1),))]
    assert [bytes(piece) for piece in client.read_ranges(server.location, wanted)] == [b"a"]
    server.stop()
    for _ in range(2):  # over the open connection, and over a new one
        with pytest.raises(OSError):  # noqa: PT011 (which one depends on the moment)
            list(client.read_ranges(server.location, wanted))


def test_many_clients_at_once(server, root, tmp_path):
    (root / "a").write_bytes(os.urandom(1_000_000))
    expected = (root / "a").read_bytes()
    results = []

    def read():
        client = BlockClient(SECRET, str(tmp_path))
        for _ in range(5):
            pieces = client.read_ranges(server.location, [(str(root / "a"), ((0, 1_000_000),))])
            results.append([bytes(piece) == expected for piece in pieces])
        client.close()

    threads = [threading.Thread(target=read) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[True]] * 50


def free_ports():
    """Two ports in a row that nobody listens on."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = first.getsockname()[1]
            with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port + 1)):
                return port


def test_ports_are_those_of_the_settings_and_the_next_if_they_are_taken(root):
    port = free_ports()
    conf = {"spark.blockManager.port": str(port), "spark.port.maxRetries": "1"}
    with contextlib.ExitStack() as stack:
        for is_driver, expected in ((True, port), (False, port + 1)):
            server = BlockServer([str(root)], SECRET, "127.0.0.1", conf, is_driver=is_driver)
            stack.callback(server.stop)
            assert server.location == f"127.0.0.1:{expected}"
        with pytest.raises(SparkException, match=f"from {port} to {port + 1}"):
            BlockServer([str(root)], SECRET, "127.0.0.1", conf)
