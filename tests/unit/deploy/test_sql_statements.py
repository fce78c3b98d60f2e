"""Where one statement ends and the next begins."""

import pytest

from pyrite.deploy.sql_statements import split_statements


@pytest.mark.parametrize(
    ("text", "statements", "rest"),
    [
        ("", [], ""),
        (";;", [], ""),
        ("SELECT 1", [], "SELECT 1"),
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"], ""),
        ("SELECT 'a;b', \"c;d\", `e;f`;", ["SELECT 'a;b', \"c;d\", `e;f`"], ""),
        (r"SELECT 'it\'s; one';", [r"SELECT 'it\'s; one'"], ""),
        ("SELECT 1 -- no; end\n+ 2;", ["SELECT 1  \n+ 2"], ""),
        ("-- a; comment\nSELECT /* b; */ 1;", ["SELECT   1"], ""),
        ("SELECT /*+ BROADCAST(t); */ 1;", ["SELECT /*+ BROADCAST(t); */ 1"], ""),
        ("SELECT 1 - 2 / 3;", ["SELECT 1 - 2 / 3"], ""),
        ("SELECT 'open; ", [], "SELECT 'open; "),
        ("SELECT 1 /* open; ", [], "SELECT 1  "),
        ("SELECT /* a; /* b; */ c; */ 1;", ["SELECT   1"], ""),
        ("SELECT /*+ a /* b; */ ; */ 1;", ["SELECT /*+ a /* b; */ ; */ 1"], ""),
        ("SELECT r'\\', R\"\\\"; SELECT 2;", ["SELECT r'\\', R\"\\\"", "SELECT 2"], ""),
        (r"SELECT bar'\';';", [r"SELECT bar'\';'"], ""),
    ],
)
def test_split_statements(text: str, statements: list[str], rest: str) -> None:
    assert split_statements(text) == (statements, rest)


def test_an_open_quote_is_closed_by_the_next_line() -> None:
    _, rest = split_statements("SELECT 'a;\n")
    assert split_statements(rest + "b';") == (["SELECT 'a;\nb'"], "")
