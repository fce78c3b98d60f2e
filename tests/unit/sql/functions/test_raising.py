"""Errors on their way through DuckDB."""

from pyrite.sql.functions.raising import raised_text, read_raised


def test_a_message_with_duckdbs_context_is_read_without_it() -> None:
    text = raised_text("CAST_INVALID_INPUT", expression="'$1'", sourceType="a", targetType="b")
    context = f"LINE 1: ...CAST(concat('{text[:25]}', \n            ^^^^^^^^^^^^"

    for message in (text, f"Conversion Error: no INT32 '{text}'\n\n{context}"):
        raised = read_raised(message)

        assert raised is not None
        error = raised.error
        assert error.parameters["expression"] == "'$1'"
        assert str(error).startswith("[CAST_INVALID_INPUT] The value '$1' of the type a ")


def test_a_message_of_duckdb_alone_is_no_raised_error() -> None:
    assert read_raised("Binder Error: no such column") is None
