"""convert.data.prepare: official files in, arrays out, whole or not at all."""

from pathlib import Path

import numpy as np
import pytest

from convert.data import prepare
from convert.data.arrays import BadDataset, DataNotFound, load_images, load_strokes
from edge_ocr.errors import CannotWrite
from tests.convert.data.test_emnist import some_images, write_part
from tests.convert.data.test_unipen import write_tree


def test_emnist_becomes_the_arrays_that_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, what prepare writes is not what training reads, or a test image is trained on."""
    pixels = some_images(6)
    source = tmp_path / "official" / "gzip"  # as the archive unpacks
    write_part(source, "byclass", "train", pixels[[0, 1, 0]], [1, 15, 1])
    write_part(source, "byclass", "test", pixels[[2]], [12])
    write_part(
        source, "letters", "train", pixels[[1, 2, 3]], [3, 3, 2]
    )  # one of byclass, one of its test part, one new
    write_part(source, "letters", "test", pixels[[4]], [1])  # no part of the test file: byclass is there
    assert prepare.main(["--emnist", str(tmp_path / "official"), "--out", str(tmp_path / "out")]) == 0
    monkeypatch.setenv("EDGE_OCR_DATA", str(tmp_path / "out"))
    train, test = load_images("train"), load_images("test")
    np.testing.assert_array_equal(train.images, pixels[[0, 1, 3]])
    assert train.chars.tolist() == ["1", "c", "B"]  # the label that knows the case won
    assert train.case_known.tolist() == [True, True, False]
    assert train.label_set.tolist() == ["byclass", "byclass", "letters"]
    np.testing.assert_array_equal(test.images, pixels[[2]])
    assert "emnist-train.npz: 3 characters" in capsys.readouterr().out


def write_writers(root: Path, names: list[str]) -> None:
    for name in names:
        ink = f".WRITER_ID {name}\n.PEN_DOWN\n0 0\n0 90\n.PEN_UP\n"
        write_tree(root / name, "apb", '.SEGMENT WORD 0 OK "I"\n.SEGMENT WORD 8 OK "II"\n', ink)
        for part in ("data/7/apb/box", "include/apb/data"):
            target = root / "tree" / part / f"{name}.dat"
            target.parent.mkdir(parents=True, exist_ok=True)
            text = (root / name / part / "page1.dat").read_text()
            target.write_text(text.replace("page1", name))


def test_unipen_becomes_the_arrays_that_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If this fails, what prepare writes is not what training reads, or a writer stands on both sides."""
    names = [f"writer{number}" for number in range(8)]
    write_writers(tmp_path, names)
    (tmp_path / "tests.txt").write_text("apb/writer3\napb/writer5\n")
    arguments = ["--unipen", str(tmp_path / "tree"), "--out", str(tmp_path / "out")]
    assert prepare.main([*arguments, "--test-writers", str(tmp_path / "tests.txt")]) == 0
    monkeypatch.setenv("EDGE_OCR_DATA", str(tmp_path / "out"))
    train, test = load_strokes("7", "train"), load_strokes("7", "test")
    assert test.writers.tolist() == ["apb/writer3", "apb/writer5"]
    assert sorted({*train.writers, *test.writers}) == [f"apb/{name}" for name in names]
    assert train.sample(0)[0].tolist() == [[0, 0], [0, -90]]
    printed = capsys.readouterr().out
    assert "unipen-7-train.npz: 6 samples by 6 writers" in printed
    assert "8 segments left out" in printed
    assert prepare.main(arguments) == 0  # without a list the split is by hash, the same each time
    first = load_strokes("7", "train").writers.tolist()
    assert prepare.main(arguments) == 0
    assert load_strokes("7", "train").writers.tolist() == first


def test_an_interrupt_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails, Ctrl-C while writing leaves a file that looks finished, or spoils the one from before."""
    path = tmp_path / "out" / "some.npz"
    prepare.save(path, {"numbers": np.arange(3)})

    def interrupted(file: object, **arrays: np.ndarray) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez_compressed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare.save(path, {"numbers": np.arange(5)})
    assert [file.name for file in path.parent.iterdir()] == ["some.npz"]
    assert np.load(path)["numbers"].tolist() == [0, 1, 2]


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    """If this fails, a file in the way of --out ends in a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="choose another --out"):
        prepare.save(tmp_path / "file" / "some.npz", {"numbers": np.arange(3)})


def test_wrong_sources_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this fails, a wrong folder gives empty arrays or a traceback."""
    out = ["--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit):
        prepare.main(out)
    assert "--emnist DIR, --unipen DIR or both" in capsys.readouterr().err
    for option in ("--emnist", "--unipen"):
        with pytest.raises(DataNotFound):
            prepare.main([option, str(tmp_path), *out])
    write_tree(tmp_path / "tree", "apb", '.SEGMENT WORD 0 OK "I"\n')
    with pytest.raises(DataNotFound, match="list of test writers"):
        prepare.main(["--unipen", str(tmp_path / "tree"), "--test-writers", str(tmp_path / "gone"), *out])
    write_tree(tmp_path / "tree", "apb", '.SEGMENT WORD 77 OK "I"\n')
    with pytest.raises(BadDataset, match="None of the 1 segments"):
        prepare.main(["--unipen", str(tmp_path / "tree"), *out])
    write_tree(tmp_path / "other", "apb", '.SEGMENT WORD 0 OK "I"\n', category="2")
    with pytest.raises(DataNotFound, match="no segment files"):
        prepare.main(["--unipen", str(tmp_path / "other"), *out])
    assert not (tmp_path / "out").exists()
