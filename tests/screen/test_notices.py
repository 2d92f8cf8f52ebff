"""Each notice has its words."""

import pytest

from psc2.core.instruments import Layer
from psc2.core.notices import Notice, NoticeKind
from psc2.screen.notices import OF_ACTIONS, notice_line


@pytest.mark.parametrize("kind", NoticeKind, ids=lambda kind: kind.name)
def test_every_notice_is_one_printable_line_with_what_it_is_about(kind: NoticeKind) -> None:
    for action in OF_ACTIONS.get(kind, {"melody_temperature": ""}):
        line = notice_line(Notice(1, kind, "{LPK25}", 71, action, Layer.CHORDS, 0.5, 1.0))
        assert line.isprintable()
        assert len(line) <= 100
        assert "{" not in line.replace("{LPK25}", "")


def test_a_limit_and_what_is_so_already_are_told_in_words_of_their_own() -> None:
    assert notice_line(Notice(1, NoticeKind.AT_LIMIT, action="bars", value=32)) == (
        "32 is as far as the bars go"
    )
    assert notice_line(Notice(1, NoticeKind.ALREADY, action="record", layer=Layer.BASS)) == (
        "bass is armed already"
    )
