import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.screen.keystrokes import PASTE_S, SEQUENCE_S, Decoder, Keystroke, Kind

PARTS = [
    "\x1b", "[", "O", "A", "200~", "201~", "97", ":", ";", "3", "u", "b", " ", "\x00", "é", "�", "9" * 30,
]  # fmt: skip


def typed(*keys: str) -> list[Keystroke]:
    return [Keystroke(key) for key in keys]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("bé?D", ["b", "é", "?", "D"]),
        ("\r\n\t\x7f\b", ["enter", "enter", "tab", "backspace", "backspace"]),
        ("\x1b[A\x1b[B\x1b[C\x1b[D", ["up", "down", "right", "left"]),
        ("\x1bOA\x1b[1;2D", ["up", "left"]),  # in application mode; with shift
        ("\x1bb", ["escape", "b"]),  # quickly one after the other, or as Alt sends it
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x00\x13\x1a\x80", []),  # Ctrl-Space, Ctrl-S, Ctrl-Z, and half a character
        ("\x1b[15~\x1bOP\x1b[[A\x1b[3~\x1b[200;1R\x1b[I", []),  # functions, delete, a position, the window
        ("\x1b[O", ["focus out"]),
    ],
)
def test_keys_are_known_by_what_a_terminal_sends(text: str, keys: list[str]) -> None:
    assert Decoder().feed(text) == typed(*keys)


def test_a_sequence_may_come_in_pieces() -> None:
    decoder = Decoder()
    assert [decoder.feed(part) for part in "\x1b[A"] == [[], [], typed("up")]
    assert decoder.patience_s() is None


@pytest.mark.parametrize(
    ("text", "keys"), [("\x1b", ["escape"]), ("\x1b[", ["escape", "["]), ("\x1b[20", [])]
)
def test_what_nothing_has_followed_was_typed(text: str, keys: list[str]) -> None:
    decoder = Decoder()
    assert decoder.feed(text) == []
    assert decoder.patience_s() == SEQUENCE_S
    assert decoder.flush() == typed(*keys)
    assert decoder.patience_s() is None
    assert decoder.feed("b") == typed("b")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_what_is_pasted_is_not_typed(size: int) -> None:
    decoder, found = Decoder(), list[Keystroke]()
    text = "u\x1b[200~ q q \x1b[A\nuUc\x1b[20\x1b[201~o"
    for start in range(0, len(text), size):
        found += decoder.feed(text[start : start + size])
    assert found == typed("u", "o")


def test_a_paste_without_an_end_is_over_after_a_pause() -> None:
    decoder = Decoder()
    assert decoder.feed("\x1b[200~qqq") == []
    assert decoder.patience_s() == PASTE_S
    assert decoder.flush() == []
    assert decoder.feed("b") == typed("b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[97;;97u", [("a", Kind.PRESSED)]),
        ("\x1b[97;1:1;97u\x1b[97;1:2;97u\x1b[97;1:3u", [
            ("a", Kind.PRESSED), ("a", Kind.REPEATED), ("a", Kind.RELEASED)
        ]),
        ("\x1b[100;2;68u\x1b[100;1:3u", [("D", Kind.PRESSED), ("D", Kind.RELEASED)]),  # shift up first
        ("\x1b[100;2u", [("D", Kind.PRESSED)]),  # by a terminal that tells no text
        ("\x1b[223;2;63u", [("?", Kind.PRESSED)]),  # on a German keyboard
        ("\x1b[27u\x1b[13u\x1b[32;;32u", [
            ("escape", Kind.PRESSED), ("enter", Kind.PRESSED), (" ", Kind.PRESSED)
        ]),
        ("\x1b[1;1:2A\x1b[1;1:3A", [("up", Kind.REPEATED), ("up", Kind.RELEASED)]),
        ("\x1b[99;5u\x1b[99;5:3u", [("ctrl+c", Kind.PRESSED), ("ctrl+c", Kind.RELEASED)]),
        ("\x1b[113;5u\x1b[113;3u\x1b[113;9u\x1b[113;1:3u", []),  # Ctrl-Q, Alt-Q, Super-Q
        ("\x1b[57441;2u\x1b[57441;2:3u", []),  # shift itself
        ("\x1b[120;1:3u", []),  # went down before we listened
    ],
)  # fmt: skip
def test_presses_repeats_and_releases_are_told_apart_where_the_terminal_tells(
    text: str, expected: list[tuple[str, Kind]]
) -> None:
    assert Decoder().feed(text) == [Keystroke(*one) for one in expected]


@given(st.lists(st.sampled_from(PARTS)))
def test_whatever_comes_is_read_or_left_out(parts: list[str]) -> None:
    decoder = Decoder()
    for part in parts:
        assert all(keystroke.key.isprintable() for keystroke in decoder.feed(part))
    decoder.flush()
    assert decoder.feed("b") == typed("b")
