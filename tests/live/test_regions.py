"""Several regions of one picture, areas that are not looked at, and the file that keeps them."""

import json
from decimal import Decimal
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_ocr import BadPattern, BadRegions, CannotWrite, Page
from edge_ocr.live.capture import Capture
from edge_ocr.live.loop import Loop, Sight
from edge_ocr.live.region import Region, painted_over
from edge_ocr.live.regions_file import RegionsFile
from edge_ocr.live.rules import Rules
from edge_ocr.live.task import Controls, Task
from edge_ocr.page import Box
from tests.live.test_loop import SIZE, Film, Scripted, live, scene
from tests.live.test_steady import page

LEFT, RIGHT = Region("left", Box(0, 0, 160, 200)), Region("right", Box(160, 0, 320, 200), charset="0-9")


def follow(pictures: list[np.ndarray], controls: Controls, made: list[Region] | None = None) -> list[Sight]:
    """What a loop shows; its readers read the charset that they were made for."""

    def make(region: Region) -> Scripted:
        if made is not None:
            made.append(region)
        if region.pattern == "(":
            raise BadPattern("the pattern is none")
        return Scripted(region.charset or "NOTE")

    with Capture(Film(pictures)) as capture:  # type: ignore[arg-type]
        return list(Loop(capture, make, controls))  # type: ignore[arg-type]


def texts(sights: list[Sight]) -> list[tuple[str, str]]:
    return [(it.region.name, it.given.text) for sight in sights for it in sight.findings if it.given]


def test_each_region_gives_texts_of_its_own() -> None:
    """The number of a meter and the note beside it come as one text, or only one of them comes."""
    sights = follow([scene("A1")] * 12, Controls(Task((LEFT, RIGHT))))
    assert texts(sights) == [("left", "NOTE"), ("right", "0-9")]
    boxes = [line.box.left for line in sights[5].voted.lines]  # type: ignore[union-attr]
    assert boxes == [page("A").lines[0].box.left + left for left in (0, 160)]


def test_regions_that_read_alike_share_a_reader() -> None:
    """Each region takes tens of megabytes of a small board."""
    made: list[Region] = []
    others = [Region(f"r{number}", LEFT.box) for number in range(5)]
    follow([scene("A1")] * 4, Controls(Task((LEFT, RIGHT, *others))), made)
    assert made == [LEFT, RIGHT]


def test_a_region_that_stays_is_not_given_out_again() -> None:
    """Drawing a second region gives out everything once more."""
    controls = Controls(Task((LEFT,)))
    with Capture(Film([scene("A1")] * 24)) as capture:  # type: ignore[arg-type]
        loop = iter(Loop(capture, lambda region: Scripted(region.charset or "NOTE"), controls))  # type: ignore[arg-type, return-value]
        first = [next(loop) for _ in range(8)]
        controls.change(regions=(LEFT, RIGHT))
        assert texts([*first, *loop]) == [("left", "NOTE"), ("right", "0-9")]


def test_a_new_region_with_an_unusable_pattern_is_reported_and_the_others_go_on() -> None:
    """A pattern that a viewer typed ends the service."""
    controls = Controls(Task((LEFT,)))
    with Capture(Film([scene("A1")] * 8)) as capture:  # type: ignore[arg-type]

        def make(region: Region) -> Scripted:
            if region.pattern:
                raise BadPattern("the pattern is none")
            return Scripted()

        loop = iter(Loop(capture, make, controls))  # type: ignore[arg-type]
        next(loop)
        controls.change(regions=(LEFT, Region("new", pattern="(")))
        sight = next(loop)
        assert [type(it.trouble) for it in sight.findings] == [type(None), BadPattern]
        controls.change(regions=(LEFT, Region("new")))
        assert next(loop).trouble is None


def test_what_changes_in_an_ignored_area_is_not_looked_at() -> None:
    """The clock that a camera draws into its picture is read every second, and given out."""
    pictures = []
    for number in range(30):
        picture = scene("A1")
        cv2.putText(picture, str(number), (200, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 20, 3)
        pictures.append(picture)
    counts = []
    for ignored in ((), (Box(190, 0, 320, 50),)):
        readers: list[Scripted] = []

        def make(region: Region, readers: list[Scripted] = readers) -> Scripted:
            readers.append(Scripted())
            return readers[0]

        with Capture(Film(pictures)) as capture:  # type: ignore[arg-type]
            list(Loop(capture, make, Controls(Task(ignored=ignored))))  # type: ignore[arg-type]
        counts.append(len(readers[0].sizes))
    assert counts[0] > 20 and counts[1] < 8


@pytest.mark.parametrize("colour", [False, True])
def test_an_ignored_area_is_painted_like_what_is_around_it(colour: bool) -> None:
    """A black box is taken for a stroke; or the camera's own picture is spoilt."""
    picture = np.full((80, 100, 3) if colour else (80, 100), 200, np.uint8)
    picture[20:30, 20:60] = 0
    painted = painted_over(picture, [Box(18, 18, 62, 32), Box(90, 70, 500, 500), Box(1000, 0, 1010, 10)])
    assert (painted == 200).all() and (picture[20:30, 20:60] == 0).all()
    assert painted_over(picture, []) is picture


@pytest.mark.parametrize("names", [("a", "A"), ("a", ""), ("a", "b c"), ("x" * 33,), ("a/b", "c"), ()])
def test_names_that_other_programs_could_not_use_are_refused(names: tuple[str, ...]) -> None:
    """Two regions share a topic, or a name breaks one."""
    with pytest.raises(BadRegions):
        Task(tuple(Region(name) for name in names))
    controls = Controls(Task((Region("a"), Region("b"))))
    with pytest.raises(BadRegions):
        controls.change(regions=tuple(Region(name) for name in names))
    assert [region.name for region in controls.task.regions] == ["a", "b"]


edges = st.tuples(*[st.integers(0, 5000)] * 2, *[st.integers(1, 5000)] * 2)
boxes = edges.map(lambda it: Box(it[0], it[1], it[0] + it[2], it[1] + it[3]))
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
wishes = st.one_of(
    st.fixed_dictionaries({}, optional={"charset": words, "pattern": words}),
    st.fixed_dictionaries({}, optional={"charset": words, "pattern_in": words}),
)
steps = st.none() | st.decimals(0, 10_000, places=3) | st.integers(0, 10**9).map(Decimal)
units = st.none() | st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=16)
rules = st.builds(Rules, st.none() | st.integers(1, 20), st.booleans(), steps, units)
named = st.builds(
    lambda name, box, wish, least, rules: Region(name, box, min_confidence=least, rules=rules, **wish),
    st.from_regex(r"[A-Za-z0-9_-]{1,32}", fullmatch=True), st.none() | boxes, wishes, st.floats(0, 1), rules,
)  # fmt: skip
tasks = st.builds(
    lambda regions, ignored: Task(tuple(regions), tuple(ignored)),
    st.lists(named, min_size=1, max_size=4, unique_by=lambda region: region.name.lower()),
    st.lists(boxes, max_size=3),
)


@given(tasks)
def test_regions_survive_a_restart(tmp_path_factory: pytest.TempPathFactory, task: Task) -> None:
    """What was drawn on the page is gone, or another, after the next boot."""
    path = tmp_path_factory.mktemp("regions") / "regions.toml"
    file = RegionsFile(path)
    file.keep(task)
    assert file.trouble is None
    usual = Region(charset="0-9", min_confidence=0.3, rules=Rules(digits=5))
    assert RegionsFile(path).load(usual) == task


def test_what_a_region_does_not_say_is_as_usual(tmp_path: Path) -> None:
    path = tmp_path / "regions.toml"
    usual = Region(charset="0-9", min_confidence=0.4)
    assert RegionsFile(path).load(usual) == Task((usual,))
    path.write_text('[[region]]\nname = "a"\nbox = [1, 2, 3, 4]\n[[region]]\nname = "b"\npattern = "[A-Z]"\n')
    one, other = RegionsFile(path).load(usual).regions
    assert one == Region("a", Box(1, 2, 4, 6), charset="0-9", min_confidence=0.4)
    assert other == Region("b", pattern="[A-Z]", min_confidence=0.4)
    meter = Rules(5, never_falling=True)
    path.write_text('[[region]]\nname = "a"\n[[region]]\nname = "b"\nlargest_step = 0.5\nunit = "m³"\n')
    one, other = RegionsFile(path).load(Region(rules=meter)).regions
    assert (one.rules, other.rules) == (meter, Rules(largest_step=Decimal("0.5"), unit="m³"))
    assert (one.reading["pattern"], other.reading["pattern"]) == (r"\d{5}", None)


@pytest.mark.parametrize(("text", "words"), [
    ("[[region", "not TOML"), ("regions = 5", "expected"), ("region = 5", "[[region]]"), ("[[regoin]]", "[[region]]"),
    ('[[region]]\nname = "a b"', "1 to 32"), ('[[region]]\nname = "a"\nbox = [1, 2]', "left, top, width, height"),
    ('[[region]]\nname = "a"\nbox = [1, 2, 3, 0]', "left, top, width, height"), ("[[region]]\nname = 5", "texts"),
    ('[[region]]\nname = "a"\nmin_confidence = 7', "0 to 1"), ('[[region]]\nmin_confidence = "x"', "0 to 1"),
    ('[[region]]\nname = "a"\n[[region]]\nname = "A"', "called"), ('[[region]]\ncolour = "red"', "colour"),
    ('[[region]]\npattern = "a"\npattern_in = "b"', "choose one"), ("[[ignore]]\nbox = 5", "pixels"),
    ("[[ignore]]\n", "pixels"), ("[[region]]\ndigits = 5.5", "from 1 to 20"), ("[[region]]\ndigits = true", "from 1"),
    ('[[region]]\nnever_falling = "yes"', "true or false"), ("[[region]]\nlargest_step = -1", "from 0"),
    ("[[region]]\nlargest_step = nan", "from 0"), ("[[region]]\nunit = 5", "16 characters"),
])  # fmt: skip
def test_a_file_that_is_wrong_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    """The service dies of a traceback, or reads something else than it was asked to."""
    path = tmp_path / "regions.toml"
    path.write_text(text)
    with pytest.raises(BadRegions) as said:
        RegionsFile(path).load(Region())
    assert words in str(said.value) and str(path) in str(said.value) and "\n" not in str(said.value)


def test_a_file_that_cannot_be_written_is_reported_and_the_old_one_stays(tmp_path: Path) -> None:
    """A full disk takes all regions away."""
    path = tmp_path / "regions.toml"
    file = RegionsFile(path)
    file.keep(Task((LEFT,)))
    (tmp_path / ".regions.toml.part").mkdir()
    file.keep(Task((LEFT, RIGHT)))
    assert isinstance(file.trouble, CannotWrite)
    assert RegionsFile(path).load(Region()) == Task((LEFT,))
    (tmp_path / ".regions.toml.part").rmdir()
    file.keep(Task((LEFT, RIGHT)))
    assert file.trouble is None and RegionsFile(path).load(Region()) == Task((LEFT, RIGHT))


def test_live_reads_the_regions_of_a_file(tmp_path: Path) -> None:
    """Texts do not say in which region they stand."""
    cv2.imwrite(str(tmp_path / "a.png"), np.hstack([scene("A1BO"), scene("1A BOB")]))
    path = tmp_path / "regions.toml"
    width, height = SIZE
    path.write_text(
        f'[[region]]\nname = "left"\nbox = [0, 0, {width}, {height}]\n'
        f'[[region]]\nname = "right"\nbox = [{width}, 0, {width}, {height}]\n'
    )
    arguments = ["--camera", str(tmp_path / "a.png"), "--regions", str(path)]
    assert live(*arguments).stdout == "left: A1BO\n\nright: 1A BOB\n\n"
    entries = [json.loads(line) for line in live(*arguments, "--json").stdout.splitlines()]
    assert [(it["region"], it["text"]) for it in entries] == [("left", "A1BO"), ("right", "1A BOB")]
    wrong = live(*arguments, "--roi", "1,2,3,4")
    assert wrong.returncode == 2 and "leave one of them out" in wrong.stderr
    path.write_text("[[region]]\nbox = 5")
    assert live(*arguments).returncode == 23


def test_pages_of_several_regions_are_shown_as_one() -> None:
    """Only the boxes of the first region are drawn."""
    sights = follow([scene("A1")] * 4, Controls(Task((LEFT, RIGHT))))
    joined = sights[-1].voted
    assert isinstance(joined, Page) and joined.text.splitlines() == ["NOTE", "0-9"]
    assert (joined.width, joined.height) == SIZE
