"""convert.data.unipen and the stroke arrays: an official tree becomes labelled strokes."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.data import unipen
from convert.data.arrays import BadDataset, DataNotFound, data_folder, load_images, load_strokes
from tests.places import ROOT

needs_data = pytest.mark.skipif(
    not ("EDGE_OCR_DATA" in os.environ or (ROOT.parent / "shared" / "data").is_dir()),
    reason="the prepared arrays are not here (EDGE_OCR_DATA)",
)

INK = """
.WRITER_ID ann and more
.PEN_DOWN
0 0
0 90
.PEN_UP
5 95
.DT 10
.PEN_DOWN
10 0
40 30
10 60
50 90
.PEN_UP
.PEN_DOWN
\t60\t90
\t60\t0
.PEN_UP
"""


def write_tree(root: Path, provider: str, segments: str, ink: str = INK, category: str = "7") -> Path:
    """A UNIPEN tree with one segment file that includes a lexicon, notes (nested) and ink; the segment file's path."""
    path = root / "data" / category / provider / "box" / "page1.dat"
    path.parent.mkdir(parents=True, exist_ok=True)
    include = root / "include" / provider
    (include / "data").mkdir(parents=True, exist_ok=True)
    (include / "notes.doc").write_text('.VERSION 1.0\n.COMMENT 1 2\n   3 4\n.COORD X Y\n.ALPHABET "a" "\\""\n')
    (include / "data" / "page1.dat").write_text(f".INCLUDE {provider}/notes.doc\n{ink}")
    path.write_text(f".VERSION 1.0\n.INCLUDE {provider}/gone.lex\n.INCLUDE {provider}/data/page1.dat\n{segments}")
    return path


def read(root: Path, path: Path, category: str = "7") -> tuple[list[unipen.Sample], int]:
    return unipen.read_segments(root, category, path)


def ends(sample: unipen.Sample) -> list[list[list[int]]]:
    """First and last point of each stroke."""
    return [[stroke[0].tolist(), stroke[-1].tolist()] for stroke in sample.strokes]


SECOND = [[10, 0], [50, 90]]
THIRD = [[60, 90], [60, 0]]


def test_components_count_pen_down_blocks(tmp_path: Path) -> None:
    """If this fails, labels stand beside other ink than their own."""
    path = write_tree(tmp_path, "apb", '.SEGMENT WORD 1-2 OK "no"\n.SEGMENT WORD 0 ? "I"\n')
    samples, left_out = read(tmp_path, path)
    assert [sample.label for sample in samples] == ["no", "I"]
    assert ends(samples[0]) == [SECOND, THIRD]
    assert samples[0].writer == "apb/ann"
    assert left_out == 0


@pytest.mark.parametrize("provider", ["hpp", "nic", "pri", "sta"])
def test_some_providers_count_pen_up_blocks_too(tmp_path: Path, provider: str) -> None:
    """If this fails, all words of four providers are cut at the wrong strokes."""
    path = write_tree(tmp_path, provider, '.SEGMENT WORD 1-5 OK "no"\n')
    samples, _ = read(tmp_path, path)
    assert ends(samples[0]) == [SECOND, THIRD]  # and the pen-up movement (component 1) is not drawn


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        ("1:1-1:2", [[[40, 30], [10, 60]]]),
        ("1:2-2:0", [[[10, 60], [50, 90]], [[60, 90], [60, 90]]]),
        ("0:1", [[[0, 90], [0, 90]]]),
        ("0,2", [[[0, 0], [0, 90]], THIRD]),
        ("0, 1:3-2", [[[0, 0], [0, 90]], [[50, 90], [50, 90]], THIRD]),
    ],
)
def test_point_ranges_and_lists(tmp_path: Path, components: str, expected: list[list[list[int]]]) -> None:
    """If this fails, characters cut out of joined writing carry parts of their neighbours."""
    path = write_tree(tmp_path, "kai", f'.SEGMENT CHARACTER {components} OK  "t"\n')
    samples, _ = read(tmp_path, path)
    assert ends(samples[0]) == expected


@pytest.mark.parametrize(
    ("written", "label"),
    [(r'"\""', '"'), (r'"\\"', "\\"), (r'"a\"b\\c"', 'a"b\\c'), ('"two\n  lines"', "two lines"), (r'"\n"', r"\n")],
)
def test_escapes_in_labels(tmp_path: Path, written: str, label: str) -> None:
    """If this fails, quotes and backslashes are taught under wrong names."""
    path = write_tree(tmp_path, "apb", f".SEGMENT TEXT 0-2 OK {written}\n", category="8")
    samples, _ = read(tmp_path, path, "8")
    assert [sample.label for sample in samples] == [label]


def test_coordinates_by_name(tmp_path: Path) -> None:
    """If this fails, a tablet that writes time or pressure first gives scribble."""
    ink = ".COORD T Y P X\n.PEN_DOWN\n1 20 9 10\n2 40 9 30\n.PEN_UP\n"
    path = write_tree(tmp_path, "val", '.SEGMENT WORD 0 OK "l"\n', ink)
    samples, _ = read(tmp_path, path)
    assert samples[0].strokes[0].tolist() == [[10, 20], [30, 40]]
    assert samples[0].writer == "val/page1"  # no .WRITER_ID: the file's name


@pytest.mark.parametrize(
    "segment",
    [
        'WORD 3 OK "x"',
        'WORD 2-1 OK "x"',
        'WORD 0 BAD "x"',
        'WORD 0 OK ""',
        "WORD 0 OK",
        'WORD ? OK "x"',
        'WORD 0:7 OK "x"',
    ],
)
def test_unusable_segments_are_left_out_and_counted(tmp_path: Path, segment: str) -> None:
    """If this fails, one bad line of 200,000 stops the conversion or gives a sample without ink."""
    path = write_tree(tmp_path, "apb", f'.SEGMENT {segment}\n.SEGMENT WORD 0 OK "I"\n')
    samples, left_out = read(tmp_path, path)
    assert [sample.label for sample in samples] == ["I"]
    assert left_out == 1


def test_character_categories_hold_single_characters(tmp_path: Path) -> None:
    """If this fails, a word among the characters widens every label of its file."""
    path = write_tree(tmp_path, "apb", '.SEGMENT CHARACTER 0 OK "ab"\n.SEGMENT CHARACTER 1 OK "a"\n', category="1c")
    samples, left_out = read(tmp_path, path, "1c")
    assert ([sample.label for sample in samples], left_out) == (["a"], 1)


def test_strokes_are_simplified_to_a_share_of_the_height(tmp_path: Path) -> None:
    """If this fails, straight strokes keep every tablet point, or small writing loses its shape."""
    line = "\n".join(f"{x % 2} {x}" for x in range(601))
    path = write_tree(tmp_path, "apb", '.SEGMENT WORD 0 OK "l"\n', f".PEN_DOWN\n{line}\n.PEN_UP\n")
    samples, _ = read(tmp_path, path)
    assert samples[0].strokes[0].tolist() == [[0, 0], [0, 600]]  # 1 unit of jitter < 600 / 150
    small = write_tree(tmp_path, "apc", '.SEGMENT WORD 0 OK "<"\n', ".PEN_DOWN\n0 0\n1 2\n0 4\n.PEN_UP\n")
    assert len(read(tmp_path, small)[0][0].strokes[0]) == 3


def test_drifting_providers_are_left_out(tmp_path: Path) -> None:
    """If this fails, providers whose numbers do not fit their ink teach nonsense."""
    for provider in ("apb", *unipen.DRIFTING):
        write_tree(tmp_path, provider, '.SEGMENT WORD 0 OK "I"\n')
    assert [path.parts[-3] for path in unipen.category_files(tmp_path, "7")] == ["apb"]


def test_includes_in_a_circle_are_refused(tmp_path: Path) -> None:
    """If this fails, a damaged tree ends in a RecursionError or never."""
    path = write_tree(tmp_path, "apb", '.SEGMENT WORD 0 OK "I"\n', "\n.INCLUDE apb/data/page1.dat\n")
    with pytest.raises(BadDataset, match="includes itself"):
        read(tmp_path, path)


def test_root_is_found(tmp_path: Path) -> None:
    """If this fails, unpacking the archive in place is not enough."""
    with pytest.raises(DataNotFound, match="no UNIPEN tree"):
        unipen.find_root(tmp_path)
    write_tree(tmp_path / "train_r01_v07", "apb", "")
    assert unipen.find_root(tmp_path) == unipen.find_root(tmp_path / "train_r01_v07") == tmp_path / "train_r01_v07"


def test_split_by_writer_is_steady() -> None:
    """If this fails, a writer changes sides between runs, or the test set is far from a tenth."""
    writers = [f"apb/writer{number}" for number in range(2000)]
    chosen = [writer for writer in writers if unipen.is_test_writer(writer)]
    assert 140 < len(chosen) < 260
    assert chosen == [writer for writer in writers if unipen.is_test_writer(writer)]
    assert [unipen.is_test_writer(name) for name in ("apb/writer34", "apb/writer35")] == [False, True]


coordinates = st.integers(-(2**20), 2**20)
strokes_of_a_sample = st.lists(
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=5), min_size=1, max_size=4
)


@given(contents=st.lists(strokes_of_a_sample, max_size=5))
def test_packed_samples_come_back(contents: list[list[list[tuple[int, int]]]]) -> None:
    """If this fails, sample(i) hands out strokes of its neighbours, or forgets to turn y down."""
    samples = [
        unipen.Sample([np.array(stroke, np.int32) for stroke in strokes], str(number), "apb/ann")
        for number, strokes in enumerate(contents)
    ]
    packed = unipen.pack(samples)
    assert len(packed) == len(contents)
    for number, strokes in enumerate(contents):
        assert [[(x, -y) for x, y in stroke.tolist()] for stroke in packed.sample(number)] == strokes
        assert packed.labels[number] == str(number)


def test_aga_is_stretched_to_square_units() -> None:
    """If this fails, one provider's writing is an eighth too narrow."""
    bar = [np.array([[0, 0], [856700, 100]], np.int32)]
    packed = unipen.pack([unipen.Sample(bar, "-", writer) for writer in ("aga/ann", "agb/ann")])
    assert packed.sample(0)[0].tolist() == [[0, 0], [979300, -100]]
    assert packed.sample(1)[0].tolist() == [[0, 0], [856700, -100]]
    assert packed.sample(0)[0].dtype == np.float32
    assert packed.points.dtype == np.int32
    assert [packed.stroke_len.dtype, packed.num_strokes.dtype] == [np.uint32, np.uint16]
    with pytest.raises(IndexError):
        packed.sample(2)


@needs_data
def test_shared_strokes_agree_with_their_labels() -> None:
    """If this fails, the prepared strokes are not what the loaders expect, or writers of the two splits overlap."""
    train, test = load_strokes("1a", "train"), load_strokes("1a", "test")
    assert not set(train.writers) & set(test.writers)
    assert set(test.labels) == set("0123456789")
    assert sum(len(test.sample(number)) for number in range(len(test))) == len(test.stroke_len)
    # The first points of "4" by apb/Bill_Cleveland as UNIPEN publishes them, at x 215 and y 1644 and 1653.
    fours = np.flatnonzero((train.labels == "4") & (train.writers == "apb/Bill_Cleveland"))
    assert [[215, -1644], [215, -1653]] in [train.sample(int(number))[0][:2].tolist() for number in fours]


@needs_data
def test_shared_images_are_labelled() -> None:
    """If this fails, the prepared characters are not what the loaders expect."""
    images = load_images("test")
    assert images.images.shape == (len(images), 28, 28)
    assert images.images.dtype == np.uint8
    assert "".join(sorted(set(images.chars[~images.case_known]))) == "CIJKLMOPSUVWXYZ"


def test_missing_and_broken_arrays_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, someone without the data, or with half a file, sees a traceback instead of what to do."""
    monkeypatch.setenv("EDGE_OCR_DATA", str(tmp_path / "gone"))
    with pytest.raises(DataNotFound, match="set EDGE_OCR_DATA") as caught:
        data_folder()
    assert isinstance(caught.value, FileNotFoundError)
    monkeypatch.setenv("EDGE_OCR_DATA", str(tmp_path))
    with pytest.raises(DataNotFound, match=r"unipen-7-test\.npz"):
        load_strokes("7", "test")
    path = tmp_path / "strokes" / "unipen-7-test.npz"
    path.parent.mkdir()
    path.write_bytes(b"PK\x03\x04 half a file")
    with pytest.raises(BadDataset, match=r"not a complete \.npz"):
        load_strokes("7", "test")
    whole = {
        "points": np.zeros((3, 2), np.int32),
        "stroke_len": [2],
        "num_strokes": [1],
        "labels": ["a"],
        "writers": ["b/c"],
    }
    np.savez(path, **whole)
    with pytest.raises(BadDataset, match="are inconsistent"):
        load_strokes("7", "test")
