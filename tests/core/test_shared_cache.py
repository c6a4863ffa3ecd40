"""An entry of the shared cache that cannot be read is one that is not there."""

from __future__ import annotations

import pytest
from django.db import connection

from core.caches import SharedCache

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache() -> SharedCache:
    cache = SharedCache("shared_cache", {})
    cache.set("good", [1, 2])
    cache.set("bad", [3])
    return cache


# Nothing, no base64, base64 of no pickle, a pickle that is cut off, a pickle of a class that is not there.
@pytest.mark.parametrize("value", ["", "no base64 at all", "AAAA", "gASVCg==", "Y25vX3N1Y2gKVGhpbmcKLg=="])
def test_what_is_broken_is_forgotten_and_the_rest_stays(value: str, cache: SharedCache) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shared_cache SET value = %s WHERE cache_key = %s", [value, ":1:bad"])
    assert cache.get("bad", "nothing") == "nothing"
    assert cache.get_many(["good", "bad"]) == {"good": [1, 2]}
    assert cache.add("bad", 4)
    assert cache.get("bad") == 4


def test_what_is_whole_is_kept(cache: SharedCache) -> None:
    assert cache.get_many(["good", "bad", "never"]) == {"good": [1, 2], "bad": [3]}
