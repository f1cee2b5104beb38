"""The adapter's update lands on the weights that it names, whole, or not at all; the head of late interaction beside it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clausewise.adapter import FORMAT, apply_adapter, late_head
from clausewise.embeddings import ADAPTER
from clausewise.errors import ModelError

torch = pytest.importorskip("torch")
save_file = pytest.importorskip("safetensors.torch").save_file


@pytest.fixture
def model() -> Any:
    """One layer of 2 rows and 3 columns, all noughts, where an encoder's layers would be."""
    layer = torch.nn.Linear(3, 2)
    torch.nn.init.zeros_(layer.weight)
    torch.nn.init.zeros_(layer.bias)
    return [SimpleNamespace(auto_model=layer)]


def saved(path: Path, version: str | None = FORMAT, **tensors: Any) -> Path:
    named = {name.replace("__", "."): tensor for name, tensor in tensors.items()}
    save_file(named, str(path), metadata={"format_version": version} if version else None)
    return path


UP, DOWN = torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0, 4.0, 5.0]])


def weights(model: Any) -> list[list[float]]:
    return [model[0].auto_model.weight.tolist(), model[0].auto_model.bias.tolist()]


def test_the_product_and_the_delta_are_added(model: Any, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors", weight__up=UP, weight__down=DOWN, bias__delta=torch.tensor([0.5, -0.5]))
    apply_adapter(model, path)
    assert weights(model) == [[[3, 4, 5], [6, 8, 10]], [0.5, -0.5]]
    apply_adapter(model, path)
    assert weights(model) == [[[6, 8, 10], [12, 16, 20]], [1, -1]]


def test_half_precision_is_added_in_the_model_s_own(model: Any, tmp_path: Path) -> None:
    apply_adapter(model, saved(tmp_path / "a.safetensors", weight__up=UP.half(), weight__down=DOWN.half()))
    assert weights(model)[0] == [[3, 4, 5], [6, 8, 10]]
    assert model[0].auto_model.weight.dtype == torch.float32


@pytest.mark.parametrize(
    "tensors",
    [
        {"weight__up": UP, "weight__down": torch.ones(1, 4)},
        {"weight__up": torch.ones(3, 1), "weight__down": DOWN},
        {"bias__delta": torch.ones(3)},
        {"bias__delta": torch.ones(2, 1)},
        {"strange__delta": torch.ones(2)},
    ],
)
def test_an_update_of_another_shape_changes_nothing(tensors: dict[str, Any], model: Any, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors", **tensors)
    with pytest.raises(ModelError) as raised:
        apply_adapter(model, path)
    assert str(path) in str(raised.value)
    assert "install Clausewise again" in str(raised.value)
    assert weights(model) == [[[0, 0, 0], [0, 0, 0]], [0, 0]]


def test_one_update_that_does_not_fit_keeps_the_others_out(model: Any, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors", bias__delta=torch.ones(2), weight__delta=torch.ones(9, 9))
    with pytest.raises(ModelError):
        apply_adapter(model, path)
    assert weights(model) == [[[0, 0, 0], [0, 0, 0]], [0, 0]]


@pytest.mark.parametrize(
    "tensors",
    [
        {"weight__up": UP},
        {"weight__up": UP, "weight__down": torch.ones(2, 3)},
        {"weight__up": torch.ones(2), "weight__down": torch.ones(3, 3)},
    ],
    ids=["half of a pair", "ranks that differ", "no matrix"],
)
def test_a_pair_that_cannot_be_multiplied_is_a_model_error(tensors: dict[str, Any], model: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="install Clausewise again"):
        apply_adapter(model, saved(tmp_path / "a.safetensors", **tensors))


@pytest.mark.parametrize("version", [None, "0", "2"])
def test_another_format_is_refused_by_both_names(version: str | None, model: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"format {version}, expected {FORMAT}"):
        apply_adapter(model, saved(tmp_path / "a.safetensors", version, bias__delta=torch.ones(2)))


@pytest.mark.parametrize("harm", ["emptied", "cut", "noise", "header"])
def test_a_damaged_file_is_a_model_error_of_one_line(harm: str, model: Any, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors", bias__delta=torch.ones(2))
    data = path.read_bytes()
    path.write_bytes({"emptied": b"", "cut": data[:-3], "noise": b"\x07" * len(data), "header": data[:9] + b"!" + data[10:]}[harm])
    with pytest.raises(ModelError) as raised:
        apply_adapter(model, path)
    assert str(path) in str(raised.value)
    assert "install Clausewise again" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert weights(model)[1] == [0, 0]


def test_the_packaged_adapter_is_whole_and_of_this_format() -> None:
    from safetensors import safe_open

    with safe_open(str(ADAPTER), framework="pt") as file:
        names = set(file.keys())
        assert (file.metadata() or {}).get("format_version") == FORMAT
    assert {name for name in names if name.startswith("late.")} == {"late.project", "late.weigh"}
    names = {name for name in names if not name.startswith("late.")}
    assert {name.rpartition(".")[2] for name in names} <= {"up", "down", "delta"}
    assert {n.removesuffix(".up") for n in names if n.endswith(".up")} == {n.removesuffix(".down") for n in names if n.endswith(".down")}


# the head of late interaction

PROJECT, WEIGH = torch.tensor([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]), torch.tensor([0.5, 0.25, 0.0, -1.0])


def test_the_head_is_read_from_the_same_file(tmp_path: Path) -> None:
    head = late_head(saved(tmp_path / "a.safetensors", late__project=PROJECT, late__weigh=WEIGH, bias__delta=torch.ones(2)))
    assert head.project.tolist() == [[1, 0, 2], [0, 1, 0]]
    assert head.weigh.tolist() == [0.5, 0.25, 0, -1]


def test_half_precision_becomes_the_head_s_own(tmp_path: Path) -> None:
    head = late_head(saved(tmp_path / "a.safetensors", late__project=PROJECT.half(), late__weigh=WEIGH.half()))
    assert (head.project.dtype, head.weigh.dtype) == ("float32", "float32")
    assert head.weigh.tolist() == [0.5, 0.25, 0, -1]


def test_the_head_is_no_update_of_the_weights(model: Any, tmp_path: Path) -> None:
    apply_adapter(model, saved(tmp_path / "a.safetensors", late__project=PROJECT, late__weigh=WEIGH, bias__delta=torch.ones(2)))
    assert weights(model) == [[[0, 0, 0], [0, 0, 0]], [1, 1]]


@pytest.mark.parametrize(("kept", "lacking"), [({}, "late.project"), ({"late__project": PROJECT}, "late.weigh")])
def test_an_adapter_without_a_head_says_what_to_do(kept: dict[str, Any], lacking: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors", bias__delta=torch.ones(2), **kept)
    with pytest.raises(ModelError) as raised:
        late_head(path)
    assert str(raised.value) == f"{path}: holds no '{lacking}'; install Clausewise again"


@pytest.mark.parametrize(
    ("project", "weigh"),
    [(PROJECT, torch.ones(3)), (torch.ones(3), WEIGH), (PROJECT, torch.ones(4, 1)), (torch.ones(2, 5), WEIGH)],
    ids=["no constant", "no matrix", "a column", "another width"],
)
def test_a_head_whose_parts_do_not_fit_is_a_model_error(project: Any, weigh: Any, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors", late__project=project, late__weigh=weigh)
    with pytest.raises(ModelError, match=r"late\.project \(.*\) and late\.weigh \(.*\) do not fit; install Clausewise again"):
        late_head(path)


def test_a_damaged_file_has_no_head(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.safetensors", late__project=PROJECT, late__weigh=WEIGH)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ModelError, match="is damaged"):
        late_head(path)


def test_the_packaged_head_fits_the_packaged_model() -> None:
    head = late_head(ADAPTER)
    assert head.project.shape == (128, 384)
    assert head.weigh.shape == (385,)
