"""What the text of a statement does not show: what triggers and rules of the database do along with it."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import F

from interleavings import explore
from tests.support.samples.models import Song, Stock

pytestmark = pytest.mark.django_db(transaction=True)

COUNTS_SONGS = """
CREATE FUNCTION count_songs() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN UPDATE samples_stock SET in_stock = in_stock + 1; RETURN NEW; END $$;
CREATE TRIGGER count_songs AFTER UPDATE ON samples_song FOR EACH ROW EXECUTE FUNCTION count_songs();
"""
COUNTS_SONGS_BY_A_RULE = """
CREATE RULE count_songs AS ON UPDATE TO samples_song DO ALSO UPDATE samples_stock SET in_stock = in_stock + 1;
"""
GONE = """
DROP TRIGGER IF EXISTS count_songs ON samples_song;
DROP RULE IF EXISTS count_songs ON samples_song;
DROP FUNCTION IF EXISTS count_songs;
"""


@pytest.fixture(params=[COUNTS_SONGS, COUNTS_SONGS_BY_A_RULE], ids=["trigger", "rule"])
def _songs_are_counted(request) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(request.param)
        yield
        cursor.execute(GONE)


@pytest.mark.usefixtures("_songs_are_counted")
@pytest.mark.parametrize("prune", [True, False])
def test_what_the_database_does_along_with_an_update_is_not_pruned(prune):
    song = Song.objects.create(place=1)
    stock = Stock.objects.create(in_stock=5)

    def move() -> None:
        Song.objects.filter(pk=song.pk).update(place=F("place") + 1)

    def sell() -> None:
        there = Stock.objects.get(pk=stock.pk)
        there.in_stock -= 1
        there.save()

    report = explore(move, sell, prune=prune)

    assert (report.anomaly_count, report.schedules) == (1, 3)
