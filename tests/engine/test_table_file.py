"""Tables as files: what spreadsheet programs write is read, what they would run is refused."""

import csv
import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.engine import table_file
from provisioning.engine.catalogue import Catalogue
from provisioning.engine.parameter import Text
from provisioning.engine.table_columns import Column, Columns, load_columns
from provisioning.engine.table_errors import MAX_ERRORS, TableRefused
from provisioning.engine.table_file import MAX_CELL, MAX_COLUMNS, MAX_ROWS, read_table, write_table

TEMPLATES = Path(__file__).parents[2] / "templates"
CATALOGUE = Catalogue.load(TEMPLATES / "parameters.yaml")


def column(name: str, *, required: bool = False) -> Column:
    return Column(name, required, "", Text("", ""))


COLUMNS = Columns(
    (column("mac", required=True), column("model"), column("note"), column("set:")), CATALOGUE
)
MANY = Columns(tuple(column(f"c{number}") for number in range(MAX_COLUMNS)), CATALOGUE)


def read(text: str | bytes):
    return read_table(text.encode() if isinstance(text, str) else text, COLUMNS)


def rows(text: str | bytes) -> list[dict[str, str]]:
    table = read(text)
    assert not len(table.errors)
    return [dict(row.cells) for row in table.rows]


def refused(data: str | bytes):
    """The one reason why a file is no table."""
    with pytest.raises(TableRefused) as caught:
        read(data)
    [error] = caught.value.errors
    return error


def wrong(text: str) -> list[tuple[int, str]]:
    """Rows and columns of the errors of a table."""
    return [(error.row, error.column) for error in read(text).errors]


# What is read


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a mark"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_spreadsheet_programs_write_is_read(mark, separator, end):
    lines = [("mac", "note"), ("001565aabb01", '"a,b;c\td""e"'), ("001565aabb02", "è")]
    data = mark + end.join(separator.join(line) for line in lines).encode()
    assert rows(data) == [
        {"mac": "001565aabb01", "note": 'a,b;c\td"e'},
        {"mac": "001565aabb02", "note": "è"},
    ]


def test_columns_are_found_by_name_in_any_order_whatever_the_blanks_and_capitals():
    table = read(" Note ;MAC; Set: Language\nx;1;it")
    assert table.columns == ("note", "mac", "set:language")
    assert table.rows[0].cells == {"note": "x", "mac": "1", "set:language": "it"}


def test_a_setting_that_the_catalogue_does_not_know_keeps_its_capitals():
    assert read("mac,set:MyOwn,SET:LineKey_Type_3\n1,a,b").columns[1:] == (
        "set:MyOwn",
        "set:linekey_type_3",
    )


def test_rows_are_numbered_as_a_spreadsheet_program_counts():
    table = read('mac,note\n1,"two\nlines"\n,\n\n4,x\n')
    assert [row.number for row in table.rows] == [2, 5]


def test_a_row_that_ends_early_has_empty_cells():
    row = read("mac,model,note\n1,T46").rows[0]
    assert (row["model"], row["note"], row["set:language"]) == ("T46", "", "")


def test_a_column_without_a_name_does_not_matter_while_it_is_empty():
    assert rows("mac,,model,\n1,,T46,") == [{"mac": "1", "model": "T46"}]
    assert wrong("mac,,model,\n1,,T46,\n2,,,x") == [(3, "D")]


def test_a_table_without_rows_is_one():
    assert rows("mac,note\n") == []


# What is written is read back


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TRICKY = st.from_regex(r"\A'{0,3}[=@+\-\t\r\"'0-9 (a]{0,4}\Z")


@given(
    table=st.lists(
        st.tuples(CELLS | TRICKY, CELLS | TRICKY, CELLS | TRICKY).filter(any), max_size=5
    )
)
def test_what_is_written_is_read_back(table):
    names = ("mac", "note", "set:logo_text")
    found = read(write_table(names, table))
    assert found.columns == names
    assert [tuple(row[name] for name in names) for row in found.rows] == table
    assert not len(found.errors)


@given(cell=CELLS | TRICKY)
def test_nothing_that_is_written_is_run_by_a_spreadsheet_program(cell):
    written = write_table(("mac",), [(cell,)]).decode("utf-8-sig")
    [_, [read_by_program]] = csv.reader(io.StringIO(written, newline=""))
    runnable = read_by_program[:1] in ("=", "@", "\t", "\r")
    signed = read_by_program[:1] in ("+", "-") and set(read_by_program) - set("+-0123456789 ().,/")
    assert not runnable
    assert not signed


# Formulas


@pytest.mark.parametrize(
    "cell", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+A1", "-2+A1", "\tx", '"\rx"', "+39a"]
)
def test_a_formula_is_refused_with_row_and_column(cell):
    table = read(f"mac;note\n1;x\n2;{cell}\n3;y")
    [error] = table.errors
    assert (error.row, error.column) == (3, "note")
    assert "formula" in error.detail
    assert "apostrophe" in error.allowed
    assert [(row.number, row["note"]) for row in table.rows] == [(2, "x"), (3, ""), (4, "y")]


@pytest.mark.parametrize(
    "cell", ["+39 0721 123456", "-1", "+1,5", "-", "+39-0721/123", "+(39) 02.1", "a=b", "*86", "'x"]
)
def test_a_number_a_phone_number_and_plain_text_are_no_formula(cell):
    assert rows(f"mac;note\n1;{cell}") == [{"mac": "1", "note": cell}]


@pytest.mark.parametrize(
    ("cell", "text"),
    [("'=1+1", "=1+1"), ("'@x", "@x"), ("''=1", "'=1"), ("'+39 0721", "+39 0721"), ("'-", "'-")],
)
def test_an_apostrophe_before_a_formula_makes_it_plain_text(cell, text):
    """Before a lone hyphen it stays: importers give ``-`` a meaning, and ``'-`` none."""
    assert rows(f"mac;note\n1;{cell}") == [{"mac": "1", "note": text}]


def test_a_formula_in_a_secret_column_is_refused_without_being_repeated():
    [error] = read("mac,set:adminpw\n1,=s3cret").errors
    assert (error.column, error.value) == ("set:adminpw", "")
    assert "s3cret" not in repr(error)
    assert "=" not in error.detail


# The header line


def test_an_unknown_column_is_refused_with_those_that_are_known():
    error = refused("mac,colour,note\n1,red,x")
    assert (error.row, error.column) == (1, "colour")
    assert "column B" in error.detail
    assert error.allowed == "mac (required), model, note, set:<setting>"


def test_every_mistake_of_the_header_line_is_told():
    with pytest.raises(TableRefused) as caught:
        read("model,colour,Model,set:\n1,2,3,4")
    told = [(error.column, error.detail) for error in caught.value.errors]
    assert told == [
        ("colour", 'There is no column "colour" (column B).'),
        ("model", 'The column "model" stands there twice, as A and C.'),
        ("set:", 'There is no column "set:" (column D).'),
        ("mac", 'The column "mac" is missing.'),
    ]


def test_the_same_setting_in_two_spellings_is_one_column():
    assert "twice" in refused("mac,set:language,SET: Language\n").detail


def test_a_table_without_settings_has_no_columns_for_them():
    columns = Columns((column("name"),), CATALOGUE)
    with pytest.raises(TableRefused, match="There is no column"):
        read_table(b"name,set:language\n", columns)


@pytest.mark.parametrize("data", ["\n1,2\n", ",,\n1,2\n"])
def test_an_empty_first_row_is_refused(data):
    error = refused(data)
    assert (error.row, error.detail) == (1, "The first row is empty; it must name the columns.")


# Wrong files


@pytest.mark.parametrize("data", [b"", b"  \r\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(data):
    assert "empty" in refused(data).detail


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_with_what_to_do(codec):
    error = refused("mac,note\n1,è\n".encode(codec))
    assert error.detail == "The file is in UTF-16."
    assert "CSV UTF-8" in error.allowed


def test_latin_1_is_refused_with_row_column_byte_and_what_to_do():
    data = 'mac;note\n1;"two\nlines"\n2;Caffè\n'.encode("latin-1")
    error = refused(data)
    assert (error.row, error.column) == (3, "note")
    assert error.detail == f"The file is not in UTF-8: its byte {data.index(0xE8) + 1} is 0xE8."
    assert "CSV UTF-8" in error.allowed


@pytest.mark.parametrize(
    ("data", "row", "column_"),
    [(b"mac,\xe8", 1, "B"), (b"\xe8,mac", 1, "A"), (b"mac,note\n\xe8", 2, "mac")],
)
def test_the_place_of_a_wrong_byte_is_told_at_the_edges_too(data, row, column_):
    error = refused(data)
    assert (error.row, error.column) == (row, column_)


def test_a_byte_is_counted_with_the_mark_before_it():
    assert "byte 5 " in refused(b"\xef\xbb\xbfa\xff").detail


def test_a_nul_character_is_refused_in_its_cell():
    assert wrong("mac,note,model\n1,x,y\n2,a\0b,z") == [(3, "note")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('mac,note\n1,x\n2,"never closes\n3,y\n', (3, "note")),
        ('mac,note\n"1,x\n', (2, "mac")),
        ('"mac,note\n1,x\n', (1, "A")),
        ('mac,note,model\n1,"a\nb","never\n2,x,y', (2, "model")),
    ],
)
def test_a_quote_that_never_closes_is_refused_where_it_opens(text, place):
    error = refused(text)
    assert (error.row, error.column) == place
    assert "never closes" in error.detail


def test_a_quote_that_closes_too_early_is_refused_where_it_opens():
    error = refused('mac;note\n1;"a "b" c"\n')
    assert (error.row, error.column) == (2, "note")
    assert error.detail == "The quotes of this cell do not pair: text follows the second one."


@pytest.mark.parametrize("cell", ["x" * (MAX_CELL + 1), '"' + "x" * (MAX_CELL + 1) + '"'])
def test_a_cell_that_is_too_long_is_refused(cell):
    error = refused(f"mac,note,model\n1,x,y\n2,{cell},z\n")
    assert (error.row, error.column) == (3, "note")
    assert error.detail == "The cell is too long."


def test_a_quote_that_swallows_the_rest_of_a_large_file_is_refused_where_it_opens():
    error = refused('mac,note\n1,"x\n' + "2,y\n" * MAX_CELL)
    assert (error.row, error.column) == (2, "note")
    assert "never closes" in error.detail


def test_a_file_that_is_one_endless_line_is_refused():
    assert refused("x" * 1_000_000).detail == "The cell is too long."


def test_a_row_with_too_many_cells_is_refused_and_what_was_pushed_out_is_not_told():
    [error] = read("mac,note\n1,x\n2,a, b,s3cret").errors
    assert (error.row, error.column, error.value) == (3, "C", "")
    assert error.detail == "The row has 4 cells, the header line 2."


# Limits


def test_50_000_rows_are_refused_whole_and_quickly_with_the_limit():
    data = ("mac,model,note\n" + "001565aabb01,yealink-T46,a note\n" * 50_000).encode()
    began = time.process_time()
    error = refused(data)
    assert time.process_time() - began < 2
    assert error.row is None
    assert "20,000 rows" in error.allowed


def test_20_000_rows_are_read_and_empty_ones_do_not_count():
    table = read("mac\n" + "1\n" * MAX_ROWS + "\n" * 1_000)
    assert len(table.rows) == MAX_ROWS


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch):
    monkeypatch.setattr(table_file, "MAX_BYTES", 10)
    error = refused(b"mac\n\xff\xff\xff\xff\xff\xff\xff")
    assert (error.detail, error.allowed) == (
        "The file has 11 bytes.",
        "at most 10 bytes; split the file",
    )


def test_more_columns_than_the_limit_are_refused():
    names = [f"c{number}" for number in range(MAX_COLUMNS)]
    assert len(read_table(",".join(names).encode(), MANY).columns) == MAX_COLUMNS
    with pytest.raises(TableRefused, match=r"1,001 columns"):
        read_table(",".join([*names, "one more"]).encode(), MANY)


def test_only_the_first_errors_are_kept_and_the_others_counted():
    errors = read("mac\n" + "=x\n" * (MAX_ERRORS + 5)).errors
    assert (len(list(errors)), errors.more, len(errors)) == (MAX_ERRORS, 5, MAX_ERRORS + 5)


@given(data=st.binary(max_size=60) | st.text("mac,note;\"\n\r='+", max_size=60).map(str.encode))
def test_whatever_the_bytes_are_they_are_read_or_refused_with_a_sentence(data):
    told = ["."]
    try:
        read(data)
    except TableRefused as refusal:
        told = [error.detail for error in refusal.errors]
    assert told
    assert all(detail.endswith(".") for detail in told)


# The shipped columns


def test_the_shipped_tables_are_read_with_texts_in_both_languages():
    tables = load_columns(TEMPLATES / "tables.yaml")
    assert list(tables) == ["phones", "users", "keys", "gateways"]
    for columns in tables.values():
        for shipped in columns:
            assert shipped.help.en != shipped.help.it
            assert shipped.example
