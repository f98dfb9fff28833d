"""Moments in zones: every local time against a search over the zone's own offsets; gaps, folds, spans, years."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orderdock.kinds import MOMENT, Locale, Note, Number, Unreadable, local_ms, show_spoken

ZONES = ("Asia/Kolkata", "UTC", "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Havana",
         "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu")  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def ms(when: datetime) -> int:
    return (when - EPOCH) // timedelta(milliseconds=1)


@cache
def changes_of(name: str) -> list[datetime]:
    """The moments between 1990 and 2030 at which a zone's clocks change, to the minute."""
    zone, found, day = ZoneInfo(name), [], datetime(1990, 1, 1, tzinfo=UTC)
    while day.year < 2030:
        low, high = day, day + DAY
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > MINUTE:
                middle = low + (high - low) // 2
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high.replace(second=0, microsecond=0))
        day += DAY
    return found


def reference(local: datetime, zone: ZoneInfo) -> int:
    """The first moment at which the zone's clocks show a local time; in a gap, as far behind its begin as was asked."""
    naive = local.replace(tzinfo=UTC)
    before = (naive - 2 * DAY).astimezone(zone).utcoffset()
    after = (naive + 2 * DAY).astimezone(zone).utcoffset()
    assert before is not None
    assert after is not None
    moments = [naive - offset for offset in (before, after)]
    shown = [moment for moment in moments if moment.astimezone(zone).replace(tzinfo=None) == local]
    return ms(min(shown)) if shown else ms(naive - before)


def read(text: object, zone: ZoneInfo) -> int | str | None:
    try:
        return MOMENT.read(text, Locale(zone), [])
    except Unreadable as error:
        return error.code


zones = st.sampled_from(ZONES).map(ZoneInfo)
seconds = st.datetimes(datetime(1901, 1, 1), datetime(2199, 12, 31)).map(lambda when: when.replace(microsecond=0))


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """A local time within three hours of a change of the clocks."""
    name = draw(st.sampled_from([name for name in ZONES if changes_of(name)]))
    change = draw(st.sampled_from(changes_of(name)))
    away = timedelta(seconds=draw(st.integers(-3 * 3600, 3 * 3600)))
    return ZoneInfo(name), (change + away).astimezone(ZoneInfo(name)).replace(tzinfo=None) + draw(
        st.sampled_from([timedelta(0), timedelta(hours=1), -timedelta(hours=1)])
    )


@given(near_changes() | st.tuples(zones, seconds), st.sampled_from(["T", " "]))
@example((ZoneInfo("America/New_York"), datetime(2024, 3, 10, 2, 30)), " ")
@example((ZoneInfo("America/New_York"), datetime(2024, 11, 3, 1, 30)), " ")
def test_a_local_time_is_its_first_moment_and_a_skipped_one_moves_forward(
    at: tuple[ZoneInfo, datetime], mark: str
) -> None:
    zone, local = at
    text = local.isoformat(mark)
    value = read(text, zone)
    assert value == reference(local, zone)
    shown = MOMENT.show(value, Locale(zone))
    assert shown >= text.replace("T", " ")
    if (local.replace(tzinfo=zone).astimezone(UTC)).astimezone(zone).replace(tzinfo=None) == local:
        assert shown == text.replace("T", " ")


def test_the_examples_that_people_know() -> None:
    new_york = ZoneInfo("America/New_York")
    assert read("2024-03-10 02:30", new_york) == ms(datetime(2024, 3, 10, 7, 30, tzinfo=UTC))  # shown as 03:30
    assert read("2024-11-03 01:30", new_york) == ms(datetime(2024, 11, 3, 5, 30, tzinfo=UTC))  # the first of two
    assert read("2024-05-08T06:24:52Z", new_york) == read("2024-05-08T11:54:52.000+05:30", new_york) == 1715149492000
    assert read("1715149492000", new_york) == read(1715149492000, new_york) == 1715149492000
    assert read("2024-05-08", ZoneInfo("Asia/Kolkata")) == ms(datetime(2024, 5, 7, 18, 30, tzinfo=UTC))


@given(near_changes() | st.tuples(zones, seconds))
def test_spans_of_a_day_a_minute_and_a_second(at: tuple[ZoneInfo, datetime]) -> None:
    zone, local = at
    day = local.replace(hour=0, minute=0, second=0)
    whole = MOMENT.span(f"{day:%Y-%m-%d}", Locale(zone), [])
    assert whole == (reference(day, zone), reference(day + DAY, zone) - 1)
    minute = local.replace(second=0)
    assert MOMENT.span(f"{minute:%Y-%m-%d %H:%M}", Locale(zone), []) == (
        reference(minute, zone), reference(minute, zone) + 59_999,
    )  # fmt: skip
    exact = reference(local, zone)
    assert MOMENT.span(f"{local:%Y-%m-%d %H:%M:%S}", Locale(zone), []) == (exact, exact + 999)


@given(
    st.datetimes(datetime(1902, 1, 1), datetime(2199, 1, 1)), st.integers(-14 * 60, 14 * 60), st.integers(1, 9), zones
)
def test_a_moment_with_an_offset_is_exact(when: datetime, minutes: int, digits: int, zone: ZoneInfo) -> None:
    local = when.replace(microsecond=when.microsecond // 1000 * 1000)
    fraction = f"{local.microsecond:06d}000"[:digits]
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    wanted = local.replace(microsecond=int(fraction.ljust(6, "0")[:3]) * 1000, tzinfo=UTC) - minutes * MINUTE
    text = f"{local:%Y-%m-%dT%H:%M:%S}.{fraction}"
    assert MOMENT.span(text + offset, Locale(zone), []) == (ms(wanted), ms(wanted))
    assert read(text + offset.replace(":", ""), zone) == ms(wanted)
    assert read(text + "Z", zone) == ms(wanted + minutes * MINUTE)


@given(st.integers(10**10, 10**14 - 1))
def test_eleven_to_fourteen_digits_are_epoch_milliseconds(number: int) -> None:
    year = (EPOCH + timedelta(milliseconds=number)).year
    for raw in (number, str(number), f" {number} "):
        assert read(raw, ZoneInfo("UTC")) == (number if year <= 2200 else "InvalidDate")


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("1900-01-01", True), ("1900-01-01 00:00", True), ("1899-12-31", False), ("1899-12-31 23:59", False),
        ("2200-12-31", True), ("2200-12-31 23:59:59", True), ("2201-01-01", False), ("9999-12-31", False),
        ("9999-12-31 23:59:59", False), ("0001-01-01", False), ("0000-01-01", False),
    ],
)  # fmt: skip
def test_years_from_1900_to_2200(name: str, text: str, good: bool) -> None:
    value = read(text, ZoneInfo(name))
    assert (value == "InvalidDate") == (not good)


@pytest.mark.parametrize(
    "text",
    ["31/12/2024", "2024-13-01", "2024-02-30", "2024-5-8", "20240508", "2024-05-08 24:00", "2024-05-08 11:60", "noon",
     "2024-05-08 11", "2024-05-08T11:54+25:00", "1715149492", "-1715149492000",
     "2024-05-08 11:54:52.", "２０２４-05-08"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert read(text, ZoneInfo("Asia/Kolkata")) == "InvalidDate"


def test_other_json_values_are_no_dates() -> None:
    zone = ZoneInfo("UTC")
    assert [read(raw, zone) for raw in (None, "", "  ")] == ["InvalidType", None, None]
    others: list[object] = [[], {}, True, Number("1715149492000.5")]
    assert [read(raw, zone) for raw in others] == ["InvalidType", "InvalidType", "InvalidDate", "InvalidDate"]


@given(st.sampled_from(["yyyy-mm-dd", "yyyy-mm-dd HH:MM", "yyyy-mm-dd HH:MM:SS"]), st.booleans())
def test_the_placeholder_of_the_documents_is_empty(text: str, upper: bool) -> None:
    notes: list[Note] = []
    assert MOMENT.read(f" {text.upper() if upper else text.lower()} ", Locale(), notes) is None
    assert [code for code, _ in notes] == ["PlaceholderDate"]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2024-05-02 16:15:42", "May 2, 2024 4:15:42 PM"), ("2024-12-31 00:05:00", "Dec 31, 2024 12:05:00 AM"),
        ("2024-09-01 12:00:09", "Sep 1, 2024 12:00:09 PM"), ("1999-01-10 11:59:59", "Jan 10, 1999 11:59:59 AM"),
    ],
)  # fmt: skip
def test_d4_spoken_dates_are_english_and_of_twelve_hours(when: str, said: str) -> None:
    zone = ZoneInfo("Asia/Kolkata")
    assert show_spoken(ms(datetime.fromisoformat(when).replace(tzinfo=zone)), zone) == said


@pytest.mark.parametrize("name", ZONES)
def test_local_milliseconds_are_what_the_clocks_show(name: str) -> None:
    zone = ZoneInfo(name)
    for change in changes_of(name)[:20]:
        for when in (change - MINUTE, change, change + DAY):
            shown = when.astimezone(zone).replace(tzinfo=UTC)
            assert local_ms(ms(when), zone) == ms(shown)
