"""Calibration, ranks, several models together, models of others."""

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from shared_data import shared_data

from cci_tools.kernels.arrow import text_buffers
from cci_tools.quality.calibration import Calibration, calibrate, load_calibration, write_calibration
from cci_tools.quality.model import Judge, load_model, score, score_all
from cci_tools.quality.stage import Quality
from cci_tools.quality.train import calibration_error, train
from cci_tools.resources import folder
from cci_tools.stage import make_batch
from cci_tools.testing import check_stage
from cci_tools.walk import apply

SHIPPED = str(folder("seeds") / "quality.ftz")
TEXTS = [
    "国务院办公厅关于做好档案工作的通知，请认真执行。",
    "加微信领彩金，注册送，秒提现，百家乐代理佣金高。",
    "",
    "昨天下雨了，我们没有出门，在家看书。",
]


def test_log_odds_are_those_of_the_probability() -> None:
    model = load_model(SHIPPED)
    lines = [" ".join(random.Random(i).choices("甲乙丙丁天地人和彩金微信，。", k=20)) for i in range(200)]
    odds = model.log_odds(*text_buffers(lines), "__label__good").astype(float)
    chance = model.score(*text_buffers(lines), "__label__good")
    assert 1 / (1 + np.exp(-odds)) == pytest.approx(chance, abs=2e-5)
    assert model.log_odds(*text_buffers(lines), "__label__bad") == pytest.approx(-odds, abs=1e-3)


def test_calibration_recovers_what_was_distorted() -> None:
    rng = np.random.default_rng(1)
    true = rng.normal(0, 2, 20_000)
    good = rng.random(20_000) < 1 / (1 + np.exp(-true))
    odds = (3 * true + 2).astype(np.float32)
    fitted = calibrate(odds, good)
    assert (fitted.slope, fitted.offset) == (pytest.approx(1 / 3, rel=0.05), pytest.approx(-2 / 3, rel=0.1))
    assert (
        calibration_error(fitted.probability(odds), good)
        < 0.02
        < calibration_error(Calibration().probability(odds), good)
    )
    assert calibrate(odds, good) == fitted
    assert np.bincount(fitted.rank(odds[good]).astype(int)) == pytest.approx(good.sum() / 20, rel=0.02)


def test_kinds_that_do_not_overlap_give_finite_numbers() -> None:
    fitted = calibrate(np.repeat(np.float32([-9, 9]), 50), np.repeat([False, True], 50))
    assert np.isfinite([fitted.slope, fitted.offset]).all() and fitted.slope > 0


def test_rank_tells_apart_where_the_score_is_one() -> None:
    judge = Judge(SHIPPED)
    words = ["老师", "明天", "店里", "收费", "孩子", "会议", "苹果", "客服", "作业", "河边", "第三条", "优惠"]
    good = ["".join(random.Random(i).choices(words, k=8)) + "。" for i in range(60)]
    scores, ranks = score_all([judge], [*TEXTS, *good])
    assert ranks[1] == 0 and np.isnan(ranks[2]) == np.isnan(judge.log_odds(*[text_buffers([""])] * 2)[0])
    assert len(set(ranks[4:].tolist())) > 3
    assert scores[:2] == pytest.approx(score(load_model(SHIPPED), TEXTS[:2]), abs=1e-4)


def test_several_models(tmp_path: Path) -> None:
    paths = []
    for name, edges in (("a", range(19)), ("b", range(-30, 8, 2))):
        path = tmp_path / f"{name}.ftz"
        shutil.copy(SHIPPED, path)
        write_calibration(path, Calibration(0.5, -1.0 if name == "a" else 1.0, tuple(map(float, edges))), {})
        paths.append(str(path))
    one, two = (score_all([Judge(path)], TEXTS) for path in paths)
    most = score_all([Judge(path) for path in paths], TEXTS, "max")
    mean = score_all([Judge(path) for path in paths], TEXTS, "mean")
    for i in range(2):
        assert np.array_equal(most[i], np.fmax(one[i], two[i]), equal_nan=True)
        assert mean[i] == pytest.approx((one[i] + two[i]) / 2, nan_ok=True)
    stage = Quality(model=paths[0], models=(paths[1],), combine="mean", min_rank=3.0)
    check_stage(stage)
    batch = apply(stage, make_batch(TEXTS[:2]))
    assert batch.column("quality_rank").to_pylist() == pytest.approx(mean[1][:2].tolist())
    assert batch.column("reason").to_pylist() == [None, "quality.low_score"]
    assert json.loads(batch.column("detail")[1].as_py())["rule"] in ("quality_score", "quality_rank")


def test_a_language_model_of_others_reads_the_text_itself() -> None:
    path = str(shared_data("models", "lid.176.ftz"))
    stage = Quality(model=path, labels={"lid.176.ftz": "__label__zh"}, text_models=("lid.176.ftz",), min_score=0.4)
    stage.open()
    batch = apply(
        stage,
        make_batch(
            ["这是一个关于天气的句子，今天多云。", "This is an English sentence about the weather of today, is it not?"]
        ),
    )
    assert batch.column("quality_score")[0].as_py() > 0.9
    assert batch.column("quality_score")[1].as_py() < 0.1


def test_wrong_settings(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no model has the file name 'x\.ftz'"):
        Quality(labels={"x.ftz": "__label__zh"})
    with pytest.raises(ValueError, match="min_rank"):
        Quality(min_rank=20.0)
    with pytest.raises(ValueError, match="no label '__label__zh'"):
        Quality(model_label="__label__zh").open()
    path = tmp_path / "m.ftz"
    edges = [*range(18), float("nan")]
    endless = json.dumps({"calibration": {"slope": float("inf"), "offset": 0, "edges": [*range(19)]}})
    unsorted = json.dumps({"calibration": {"slope": 1, "offset": 0, "edges": edges}})
    few = '{"calibration": {"slope": 1, "offset": 0, "edges": [1, 2]}}'
    for text in ("{}", "[]", "no", few, endless, unsorted):
        path.with_suffix(".json").write_text(text, encoding="utf-8")
        load_calibration.cache_clear()
        with pytest.raises(ValueError, match="calibration"):
            load_calibration(str(path))


def test_the_shipped_model_has_its_calibration() -> None:
    assert len(load_calibration(SHIPPED).edges) == 19


def test_training_writes_a_calibration(tmp_path: Path) -> None:
    rng = random.Random(1)
    good = ["".join(rng.choices("春夏秋冬风花雪月山水", k=30)) + "。" for _ in range(400)]
    bad = ["".join(rng.choices("代开发票加微信电话优惠", k=30)) + "！" for _ in range(400)]
    path = tmp_path / "m.ftz"
    train(good, bad, path, buckets=2000, features=1500, epochs=3, dim=4)
    assert len(load_calibration(str(path)).edges) == 19
    with pytest.raises(ValueError, match="hold out more"):
        train(good, bad, path, held_out=1e-9)
