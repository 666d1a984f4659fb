"""Every variant has a colour and a marker of its own, and keeps them."""

import itertools

from dagm_transfer.report.figures.styles import COLOURS, FIRST, KNOWN, MARKERS, styles_of

OWN = [f"own_{number}" for number in range(40)]


def test_no_two_known_variants_share_a_colour_or_a_marker():
    assert len({style.colour for style in KNOWN.values()}) == len(KNOWN)
    assert len({style.marker for style in KNOWN.values()}) == len(KNOWN)
    assert not {style.colour for style in KNOWN.values()} & set(COLOURS)
    assert not {style.marker for style in KNOWN.values()} & set(MARKERS)


def test_a_users_own_variant_is_unlike_tuned_and_all_others():
    styles = styles_of([*KNOWN, "mine", "another"])
    assert len({style.colour for style in styles.values()}) == len(styles)
    assert len({style.marker for style in styles.values()}) == len(styles)


def test_a_style_hangs_on_the_name_alone():
    assert styles_of(["mine"])["mine"] == styles_of(["scratch", "mine", "tuned"])["mine"]
    assert styles_of(["mine"])["mine"].colour == "#6699CC"  # in every process


def test_variants_that_meet_in_a_slot_are_told_apart_in_any_order():
    pairs = itertools.combinations(OWN, 2)
    meeting = next(p for p in pairs if len({styles_of([name])[name] for name in p}) == 1)
    styles = styles_of(meeting)
    assert styles == styles_of(reversed(meeting))
    assert styles[meeting[0]].colour != styles[meeting[1]].colour
    assert styles[meeting[0]].marker != styles[meeting[1]].marker


def test_forty_variants_are_forty_styles():
    assert len(set(styles_of(OWN).values())) == len(OWN) > FIRST


def test_styles_keep_the_order_of_the_variants():
    assert list(styles_of(["tuned", "mine", "scratch"])) == ["tuned", "mine", "scratch"]
