"""Each cell of the isolation matrix is what docs/isolation-matrix.md says. With THOROUGH=1 all are run, else some."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.explorer.anomalies import anomalies
from accounts.explorer.anomalies.isolation_matrix import ROWS, Cell, run_matrix
from tests.support.thorough import every

pytestmark = pytest.mark.django_db(transaction=True)

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "isolation-matrix.md"
TABLE_ROW = re.compile(r"^\| ([^|]+) \| (\d+ of \d+.*) \|$", re.MULTILINE)
TABLE = {title: cells.split(" | ") for title, cells in TABLE_ROW.findall(DOCUMENT.read_text())}
# Of a third of the rows every column; of the missed lock and the lock that is not shared, always.
SOME = sorted({*every(3, range(len(ROWS))), 6, 9})


def as_in_the_document(cell: Cell) -> str:
    return f"{cell.possible} of {cell.schedules}" + "*" * bool(cell.refused and not cell.possible)


def test_document_has_every_row_and_every_column():
    assert list(TABLE) == [row.title for row in ROWS]
    assert {len(cells) for cells in TABLE.values()} == {len(anomalies())}


@pytest.mark.thorough(every=4)
@pytest.mark.parametrize("place", SOME, ids=lambda place: ROWS[place].key)
def test_row_is_as_the_document_says(place):
    cells = list(run_matrix(rows=[ROWS[place]]))

    assert all(cell.is_exhaustive for cell in cells)
    assert [as_in_the_document(cell) for cell in cells] == TABLE[ROWS[place].title]
    for cell in cells:
        assert bool(cell.schedule) == bool(cell.possible)
        assert Cell.from_values(json.loads(json.dumps(cell.as_values()))) == cell
        assert {Path(step.place.file).name for step in cell.steps if step.place} == {f"{cell.anomaly}.py"}
