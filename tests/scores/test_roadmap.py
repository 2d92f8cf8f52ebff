"""The way through a chart: repeats, endings, jumps."""

import pytest

from psc2.errors import ChartError
from psc2.scores.charts import read_chart


def played(text: str) -> str:
    """The first chord of each bar that is played; all chords are single letters."""
    (chart,) = read_chart(f"{text}\n")
    return "".join(bar.chords[0].chord.symbol for bar in chart.bars)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("| A | B | C |", "ABC"),
        ("|: A | B :| C |", "ABABC"),
        ("| A | B :| C |", "ABABC"),  # from the beginning, as nothing else opens
        ("|: A :| B :| C", "AABBC"),  # … or from where the repeat before it ends
        ("|: A :|: B :|", "AABB"),
        ("|: A :| x3 B", "AAAB"),
        ("|: A | B <3x> :| C", "ABABABC"),
        ("|: A :| x1 B", "AB"),
        ("|: A :| B :| x3", "AABBB"),
        ("|: A :| B |1. C :|2. D :|3. E", "AABCBDBE"),
        ("|: A | <4x's> :|", "AAAA"),
        ("|: A |1. B :|2. C | D", "ABACD"),
        ("|: A |1. B | C :|2. D | E ||", "ABCADE"),
        ("|: A |[1 B :|[2 C :|[3 D | E", "ABACADE"),
        ("|: A |1,3. B :|2. C :|4. D | E", "ABACABADE"),
        ("|: A |1. B :|2. C :| D", "ABACD"),  # the second ending is closed, too
        ("|: A |1. B :| C", "ABAC"),  # a first ending alone is left out the second time
        ("|: A |1. B |2. C :| D", "ABACD"),  # a first ending that is not closed
        ("|: A |1. B :|2. C ||\nB:\nD |: E :| F", "ABACDEEF"),
        ("|: A |1. B :|2. C || D | E :| F", "ABACDEDEF"),  # a part after the endings is a repeat of its own
        ("|: A |1. B :|2. C | |: D |1. E :|2. F |", "ABACDEDF"),
        ("| A | B <Fine> | C <D.C. al Fine> |", "ABCAB"),
        ("| A | B <segno> | C <Fine> | D <D.S. al Fine> |", "ABCDBC"),
        ("| A | B <To Coda> | C <D.C. al Coda> | <Coda> D | E |", "ABCABDE"),
        ("| A | <Segno> B | C <To Coda> | D <DS al coda> |\n<Coda>\n| E |", "ABCDBCE"),
        ("| A | B <Fine> | C <Da Capo al Fine> |", "ABCAB"),
        ("| A | B <D.C.> | C |", "ABAB"),  # to the same place once more
        ("|: A :| B <Fine> | C <D.C. al Fine>", "AABCAB"),  # no repeat is taken after it
        ("|: A |1. B :|2. C <Fine> || D <D.C. al Fine>", "ABACDAC"),  # … and the last ending
        ("|: A |1. B :|2. C || D | E <D.C. al 2nd ending>", "ABACDEAC"),
        ("|: A |1. B :|2. C || D | E <D.C. al 1st ending>", "ABACDEAB"),
        ("| A | B | <Coda> C |", "AB"),  # an outro belongs to no chorus
        ("| A | B <To Coda> | C | <Coda> D |", "ABC"),
        ("|: A <To Coda> | B :| C <D.C. al Coda> | <Coda> |: D :|", "ABABCADD"),
    ],
)
def test_bars_are_played_in_their_order(text: str, order: str) -> None:
    assert played(text) == order


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "| A | B <D.S. al Fine> |",
            "bar 2: expected <Segno> in front of the chords of a bar, as there is a D.S., got none",
        ),
        (
            "| A | B <D.C. al Coda> | C |",
            "bar 2: expected <Coda> in front of the chords of a bar, as there is a D.C. al Coda, got none",
        ),
        (
            "| <Segno> A | B <dal segno al fine> |",
            "bar 2: expected <Fine> behind the chords of a bar, as there is a D.S. al Fine, got none",
        ),
        (
            "|: A |1. B :|2. C || D <D.C. al 3rd ending>",
            "bar 4: expected an ending 3, as the D.C. says, got none",
        ),
        ("|: A |3. B :|4. C |", "bar 2: expected ending 1 of the repeat before it, got none"),
        ("|: A |1. B :|3. C |", "bar 3: expected ending 2 of the repeat before it, got none"),
        ("|: A |2. B :|1. C |", "bar 2: expected ending 1 of the repeat before it, got none"),
        ("|: A |1. B :|2. C | |: D |2. E :|", "bar 5: expected ending 1 of the repeat before it, got none"),
        ("| A | B <D.C. al Fine |", "bar 2: expected > where the remark ends, got <D.C."),
        ("|: A | B :| x16 " * 20, "bar 17: expected at most 256 bars, repeats played out, got more"),
    ],
)
def test_what_leads_nowhere_is_told_with_its_bar(text: str, problem: str) -> None:
    with pytest.raises(ChartError) as caught:
        read_chart(text)
    assert str(caught.value) == problem
