import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from php_ini_writer import write

from provisioning.tancredi.ini import IniError, decode, parse, read_ini

KEYWORDS = {"TRUE", "ON", "YES", "FALSE", "OFF", "NO", "NONE", "NULL"}
# What the writer did not protect, so that Tancredi itself could not read it back.
LOST_ON_DISK = re.compile(
    r"""
      \\["\\$]            # taken for an escape
    | "(?=[\r\n])         # taken for the end of the text
    | \0
    """,
    re.VERBOSE,
)


def survives(value: str) -> bool:
    blanks_around_a_number = value != value.strip() and re.fullmatch("[-+.0-9eE]+", value.strip())
    return not LOST_ON_DISK.search(value) and value not in KEYWORDS and not blanks_around_a_number


awkward = st.text(st.sampled_from("aZ09 \t\n\r;=[]#'\"\\$%{}()|&~!^,.-é\u2028\ufeff"))
values = (awkward | st.text(st.characters(codec="utf-8"))).filter(survives)
names = st.from_regex(r"[a-z_][a-z0-9_.-]{3,12}", fullmatch=True).filter(
    lambda name: name.upper() not in KEYWORDS
)


@given(st.dictionaries(names, values), st.dictionaries(names, values))
@example({}, {"ldap_password": 'lib;ro"rubrica', "share": "\\srv\\x\\"})
@example({}, {"k": "${HOME}", "j": "a${", "l": '"', "m": '\\n"x"', "n": "\n[metadata]\nk = 1"})
def test_what_tancredi_wrote_is_read_back(metadata, data):
    sections = {"metadata": metadata, "data": data}
    assert read_ini(write(sections)) == sections


@given(st.text(st.sampled_from("ab1yesno \"'\\;=[]#${}|()!\n\r\t")))
def test_any_text_is_read_or_refused_with_a_line_that_it_has(text):
    assert line_of_refusal(text) in range(text.count("\n") + text.count("\r") + 2)


def line_of_refusal(text):
    try:
        read_ini(text)
    except IniError as error:
        return error.line
    return 0


# Each of these is what parse_ini_string of PHP 8.2 answers.
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", ""),
        ("007", "007"),
        ("  a b  ", "a b"),
        ("a ; comment", "a"),
        (";comment", ""),
        ("%cn %o", "%cn %o"),
        ("*97", "*97"),
        ("#1", "#1"),
        ("$mac.cfg", "$mac.cfg"),
        ("a\\b", "a\\b"),
        ("[x]{y}", "[x]{y}"),
        ("a?b<c>d:/e@f`g", "a?b<c>d:/e@f`g"),
        # keywords
        ("yes", "1"),
        ("On ; comment", "1"),
        ("TRUE", "1"),
        ("no", ""),
        ("Off", ""),
        ("none;", ""),
        ("NULL", ""),
        ("false", ""),
        ('"yes"', "yes"),
        ("'no'", "no"),
        ("yesterday", "yesterday"),
        ("no-op", "no-op"),
        ("on,off", "on,off"),
        # double quotes
        ('""', ""),
        ('"a;b=c[d]"', "a;b=c[d]"),
        ('"  a  "', "  a  "),
        (r'"a\"b"', 'a"b'),
        (r'"a\\b"', r"a\b"),
        (r'"a\\\\b"', r"a\\b"),
        (r'"a\nb\.c\'"', r"a\nb\.c\'"),
        (r'"a\$b"', "a$b"),
        (r'"a\"', "a\\"),
        (r'"a\\"', "a\\"),
        (r'"a\\\"', "a\\\\"),
        (r'"a\""', 'a"'),
        (r'"\""', '"'),
        ('"a" ; comment', "a"),
        ('"two\nlines"', "two\nlines"),
        ('"two\r\nlines"', "two\r\nlines"),
        # single quotes
        ("'a;b'", "a;b"),
        (r"'a\n'", r"a\n"),
        (r"'a\\b'", r"a\\b"),
        ("'a\"b'", 'a"b'),
        ("'${HOME}'", "${HOME}"),
        # pieces
        ('"a""b"', "ab"),
        ('"a"  "b"', "ab"),
        ('a  "b"  c', "abc"),
        ('"a" b', "ab"),
        ("'a' b", "a b"),
        ("'a' 'b'", "a b"),
        ("a'b'c", "abc"),
        ("'a'\"b\"", "ab"),
        ('1"a"', "1a"),
        ('x"null"', "xnull"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_value_is_read_as_php_reads_it(written, value, line_end):
    text = f'[data]{line_end}k = {written}{line_end}next = "1"{line_end}'
    assert read_ini(text) == {"data": {"k": value, "next": "1"}}


@pytest.mark.parametrize(
    "line",
    [
        "k = a=b",
        "k == a",
        "k = a|b",
        "k = a & b",
        "k = 6^3",
        "k = ~1",
        "k = !1",
        "k = (a)",
        "k = yes sir",
        "k = sir yes",
        'k = yes"a"',
        'k = "never closed',
        r'k = "a\\"b"',
        "k = it's",
        "yes = 1",
        "NULL = 1",
        " = 1",
        "a{b = 1",
        'a"b = 1',
        "a|b = 1",
        "a&b = 1",
        "a~b = 1",
        "a!b = 1",
        "a(b = 1",
        "a^b = 1",
        "a$b = 1",
        'without an equals sign, a "',
        "a[x][y] = 1",
        "a[] 1",
        "[never closed",
        "k = a\0b",
    ],
)
def test_a_syntax_error_voids_the_file_and_names_its_line(line):
    with pytest.raises(IniError) as caught:
        read_ini(f"[data]\na = 1\n{line}\nb = 2\n")
    assert caught.value.line == 3
    assert str(caught.value).startswith("line 3: ")


def test_an_error_never_repeats_what_may_be_a_password():
    with pytest.raises(IniError) as caught:
        read_ini('[data]\npassword = "geheim\\"\n77"\n')
    assert "geheim" not in str(caught.value)
    assert "77" not in str(caught.value)


def test_lines_without_an_equals_sign_and_comments_say_nothing():
    text = (
        "; first\n  ; second\n# not a comment, but no =\nnonsense\n\n[data] trailing\n;x = 1\na = 1"
    )
    assert read_ini(text) == {"data": {"a": "1"}}


def test_a_hash_does_not_start_a_comment():
    assert read_ini("[data]\n#a = 1\n") == {"data": {"#a": "1"}}


def test_a_name_may_hold_dots_hyphens_and_inner_blanks():
    assert read_ini("[d]\n a.b-c_d 1  =  2\n") == {"d": {"a.b-c_d 1": "2"}}


def test_of_two_equal_names_the_later_stands():
    """NethVoice's start-up script appends to the file with a line editor."""
    assert read_ini("[data]\na = 1\nb = 2\na = 3\n") == {"data": {"a": "3", "b": "2"}}


@pytest.mark.parametrize("heading", ["[data]", '["data"]', "['data']", "\t[data] ; comment"])
def test_a_section_name_may_be_quoted(heading):
    assert read_ini(f"{heading}\na = 1\n") == {"data": {"a": "1"}}


def test_a_setting_of_the_server_never_gets_into_a_value(monkeypatch):
    """``${NAME}`` in a display name read out environment variables through Tancredi's API."""
    monkeypatch.setenv("SECRET", "leaked")
    text = '[data]\na = "x${SECRET}y"\nb = ${SECRET}\nc = "${SECRET"\nd = "$SECRET"\n'
    assert read_ini(text)["data"] == {
        "a": "x${SECRET}y",
        "b": "${SECRET}",
        "c": "${SECRET",
        "d": "$SECRET",
    }


def test_a_section_inside_a_text_is_text():
    text = write({"data": {"label": "x\n[metadata]\nscopeType = defaults\n", "a": "b"}})
    assert list(read_ini(text)) == ["data"]


def test_a_value_that_broke_out_of_its_quotes_is_told():
    r"""``\"`` and a line break close the text; what follows forged metadata (seen in Tancredi)."""
    forged = {"metadata": {"scopeType": "phone"}, "data": {"label": 'x\\"\n[metadata]\nv = 1\n;'}}
    file = parse(write(forged))
    assert file.sections["metadata"] == {"v": "1"}
    (remark,) = file.remarks
    assert remark.line == 6
    assert "second section [metadata]" in remark.text


def test_a_list_is_left_out_and_told():
    file = parse('[data]\na = 1\na[] = x\nb[k] = "y"\nc = 2\n')
    assert file.sections == {"data": {"c": "2"}}
    assert [remark.line for remark in file.remarks] == [3, 4]


def test_an_entry_before_the_first_section_is_left_out_and_told():
    file = parse("a = 1\n[data]\nb = 2\n")
    assert file.sections == {"data": {"b": "2"}}
    assert file.remarks[0].line == 1


@pytest.mark.parametrize("value", sorted(KEYWORDS))
def test_a_word_damaged_on_disk_stays_damaged(value):
    """Tancredi wrote capitals without quotes; nothing in the file tells them from the keyword."""
    assert read_ini(write({"d": {"k": value}}))["d"]["k"] in ("", "1")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("città".encode(), "città"),
        ("città".encode("latin-1"), "città"),
        ("\ufeff[data]".encode(), "[data]"),
        (b"", ""),
    ],
)
def test_bytes_are_utf_8_or_else_latin_1(data, text):
    assert decode(data) == text
