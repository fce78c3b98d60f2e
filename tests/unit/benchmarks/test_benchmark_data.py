from pathlib import Path

from benchmarks import data


def test_the_same_data_each_time(tmp_path: Path) -> None:
    names = ("words.txt", "numbers.txt", "edges.txt", "nodes.txt")
    first = data.prepare(tmp_path / "a", 0.0005, names)
    second = data.prepare(tmp_path / "b", 0.0005, names)
    for name in names:
        assert (first / name).read_text() == (second / name).read_text() != ""


def test_what_is_there_is_kept_and_scales_do_not_mix(tmp_path: Path) -> None:
    place = data.prepare(tmp_path, 0.001, ("numbers.txt",))
    assert len((place / "numbers.txt").read_text().splitlines()) == data.NUMBERS / 1000
    (place / "numbers.txt").write_text("kept")
    assert data.prepare(tmp_path, 0.001, ("numbers.txt",)) == place
    assert (place / "numbers.txt").read_text() == "kept"
    assert data.prepare(tmp_path, 0.002, ()) != place


def test_edges_lead_to_nodes_of_the_graph() -> None:
    nodes = {line.split()[0] for line in data.nodes(0.001)}
    ends = {end for line in data.edges(0.001) for end in line.split()}
    assert len(nodes) == data.NODES / 1000
    assert ends <= nodes
