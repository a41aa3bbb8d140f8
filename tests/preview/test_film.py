"""Pictures and their boxes: what is drawn together was seen together."""

import numpy as np

from edge_ocr.live.capture import Shot
from edge_ocr.preview.film import LONGEST_DELAY_S, Drawing, Film
from tests.live.test_steady import page

ONE, TWO = page("ONE"), page("TWO")


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def shot(number: int, at: float, level: int | None = None) -> Shot:
    """A picture; those with another level look different."""
    image = np.full((480, 640), 200, np.uint8)
    image[80:240, : 40 * (number if level is None else level)] = 0
    return Shot(image, at, at, number)


def rehearsed(seconds: float) -> tuple[Film, Clock]:
    """A film whose readings took so many seconds up to now."""
    clock = Clock()
    film = Film(clock)
    for _ in range(50):
        film.read(shot(0, clock.now - seconds), None, is_new=True)
    return film, clock


def shown(film: Film) -> Drawing:
    drawing = film.due()
    assert drawing is not None
    return drawing


def test_a_picture_waits_for_its_own_boxes() -> None:
    """Boxes trail behind the writing on everything that moves."""
    film, clock = rehearsed(0.1)
    for number, at in ((1, 1.0), (2, 1.1), (3, 1.2)):
        film.add(shot(number, at), is_watched=True)
    for number, now, read in ((1, 1.25, ONE), (2, 1.35, TWO)):
        clock.now = now
        film.read(shot(number, now - 0.1), read, is_new=True)
        drawing = shown(film)
        assert drawing.shot.number == number and drawing.page is read and drawing.age == 0.0


def test_between_two_readings_the_boxes_move_with_the_writing() -> None:
    """On every other picture the boxes lie beside a note that moves."""
    film, clock = rehearsed(0.1)
    for number in range(1, 6):
        film.add(shot(number, 1 + number / 10), is_watched=True)
    clock.now = 1.2
    film.read(shot(1, 1.1), page("ONE"), is_new=True)
    clock.now = 1.6
    film.read(shot(5, 1.5), page("ONE", shift=40), is_new=True)
    drawing = shown(film)
    assert drawing.shot.number == 3 and drawing.age == 0.0 and drawing.page is not None
    assert drawing.page.lines[0].box == page("ONE", shift=20).lines[0].box
    film.read(shot(5, 1.5), page("TWO"), is_new=False)
    assert round(shown(film).age, 3) == 0.2, "boxes move towards another text"


def test_boxes_of_an_earlier_picture_say_how_old_they_are() -> None:
    """Old boxes look like new ones."""
    film, clock = rehearsed(0.0)
    for number, at in ((1, 1.0), (2, 1.4)):
        film.add(shot(number, at), is_watched=True)
    clock.now = 1.4
    film.read(shot(1, 1.4), ONE, is_new=True)
    film.read(shot(1, 1.0), ONE, is_new=True)
    clock.now = 2.0
    drawing = shown(film)
    assert drawing.shot.number == 2 and drawing.page is ONE and round(drawing.age, 3) == 0.4


def test_boxes_stay_fresh_while_the_picture_looks_the_same() -> None:
    """Boxes fade on a still page, which is not read again, or only slowly."""
    film, clock = rehearsed(0.0)
    film.add(shot(1, 1.0, level=5), is_watched=True)
    film.read(shot(1, 1.0, level=5), ONE, is_new=True)
    film.add(shot(2, 4.0, level=5), is_watched=True)
    clock.now = 5.0
    assert shown(film).shot.number == 2 and shown(film).age == 0.0


def test_boxes_stay_fresh_while_something_moves_elsewhere() -> None:
    """On a slow board all boxes fade as soon as a hand comes into the picture."""
    film, clock = rehearsed(2 * LONGEST_DELAY_S)
    here = page("ONE").lines[0].box
    still, hand, covered = (np.full((360, 640), 200, np.uint8) for _ in range(3))
    hand[300:, 500:] = 0
    covered[here.top : here.bottom, here.left : here.right] = 0
    film.read(Shot(still, 1.0, 1.0, 1), ONE, is_new=True)
    for number, image, age in ((2, hand, 0.0), (3, covered, 2.0)):
        film.add(Shot(image, number, number, number), is_watched=True)
        clock.now = number
        assert shown(film).shot.number == number and shown(film).age == age


def test_pictures_do_not_wait_for_a_slow_reading() -> None:
    """The video stands still while a small board reads."""
    film, clock = rehearsed(2 * LONGEST_DELAY_S)
    for number, at in ((1, 1.0), (2, 1.1)):
        film.add(shot(number, at), is_watched=True)
    clock.now = 1.1
    assert shown(film).shot.number == 2


def test_a_picture_never_has_the_boxes_of_a_later_one() -> None:
    """Boxes lead the writing."""
    film, clock = rehearsed(0.1)
    for number, at in ((1, 1.0), (2, 1.2)):
        film.add(shot(number, at), is_watched=True)
    clock.now = 1.3
    film.read(shot(2, 1.2), TWO, is_new=True)
    clock.now = 1.4
    assert shown(film).shot.number == 1 and shown(film).page is None


def test_without_viewers_one_picture_is_kept() -> None:
    """A second of pictures lies in a small board's memory, for nobody."""
    film, clock = rehearsed(0.2)
    for number in range(1, 6):
        clock.now = number / 10
        film.add(shot(number, clock.now), is_watched=False)
    assert film.newest is not None and film.newest.number == shown(film).shot.number == 5


def test_a_lost_camera_leaves_nothing_to_draw() -> None:
    """Boxes of an hour ago stand on the page."""
    film, _ = rehearsed(0.2)
    film.add(shot(1, 0.0), is_watched=True)
    film.read(shot(1, 0.0), ONE, is_new=True)
    film.forget()
    assert film.due() is None and film.newest is None and film.last_read is None
