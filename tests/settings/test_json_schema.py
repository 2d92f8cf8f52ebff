"""What editors check with the schema is what psc2 itself checks."""

import re

from psc2.core.meter import TimeSignature
from psc2.core.ranges import SEVEN_BITS
from psc2.settings.json_schema import CONTROL_NUMBERS
from psc2.settings.music import METER


def is_meter(text: str) -> bool:
    try:
        TimeSignature.parse(text)
    except ValueError:
        return False
    return True


def test_the_pattern_of_meters_takes_those_that_there_are() -> None:
    texts = [f"{numerator}/{denominator}" for numerator in range(130) for denominator in range(33)]
    texts += [" 07 / 8 ", "7/", "/8", "7:8", "", "-3/4", "3/4x"]
    assert [text for text in texts if bool(re.search(METER, text)) != is_meter(text)] == []


def test_the_pattern_of_control_numbers_takes_those_that_there_are() -> None:
    numbers = [number for number in range(1000) if re.search(CONTROL_NUMBERS, str(number))]
    assert numbers == [number for number in range(1000) if number in SEVEN_BITS]
