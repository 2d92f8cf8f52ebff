"""``music.chart``: the chart of the tune that is played, as a text, a file or a link.

What reads charts is loaded only where there is one.
"""

from __future__ import annotations

from pathlib import Path

from psc2.core.chart import Chart
from psc2.errors import ChartError, ConfigError
from psc2.resources import COMMAND
from psc2.settings.yaml_file import shown

ONE_OF_THEM = f"{COMMAND} chart FILE --tune N > tune.txt makes a chart of one"
STDIN = "-"
NOT_PIPED = "expected a chart, a file or a link, got -: the keys are read there; put the chart into a file"


def find_chart(source: str, beside: Path) -> str:
    """A chart that can be used: as it is, or of a file its whole path; "" is none.

    ``beside``: the configuration that names it, in whose folder the file is looked for.
    Raises: ConfigError, in the configuration's name.
    """
    if not source:
        return ""
    from psc2.scores.charts import is_text

    if source == STDIN:
        raise ConfigError([f"{shown(beside)}: music.chart: {NOT_PIPED}"])
    found = source if is_text(source) or not source.strip() else str((beside.parent / source).absolute())
    try:
        load_chart(found)
    except ChartError as error:
        raise ConfigError([f"{shown(beside)}: music.chart: {error}"]) from error
    return found


def load_chart(found: str) -> Chart | None:
    """The chart that ``find_chart`` has found; None for none. Raises: ChartError."""
    if not found:
        return None
    from psc2.scores.charts import is_text, read_sheets

    sheets = read_sheets(found)
    named = "" if is_text(found) else f"{shown(Path(found))}: "
    if len(sheets) > 1:
        raise ChartError(f"{named}expected one tune, got {len(sheets)}: {ONE_OF_THEM}")
    try:
        return sheets[0].chart()
    except ChartError as error:
        raise ChartError(f"{named}{error}") from error
