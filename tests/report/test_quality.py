"""The page for who decides on an inspection: its numbers are those of the judged tables."""

import re
from collections import Counter
from dataclasses import replace
from html import unescape

import numpy as np
import pytest
from safetensors.numpy import save_file

from dagm_transfer.core.files import write_json, write_text
from dagm_transfer.core.tables import read_csv, to_csv
from dagm_transfer.data.paths import PREPARED, RAW
from dagm_transfer.data.prepared import Prepared, fold_folder
from dagm_transfer.inspection.students.paths import NO_TEACHER, STUDENTS_TABLE
from dagm_transfer.inspection.students.student_table import TEACHER, StudentRow, write_students
from dagm_transfer.judging.paths import JudgingPaths
from dagm_transfer.judging.scores import COLUMNS
from dagm_transfer.metrics.cost_intervals import cost_interval
from dagm_transfer.metrics.detection import Costs
from dagm_transfer.metrics.intervals import largest_rate, wilson_interval
from dagm_transfer.report.contents import Study
from dagm_transfer.report.found.results import champion, gather
from dagm_transfer.report.paths import QUALITY, REPORT, TILES
from dagm_transfer.report.quality.network_size import NetworkSize
from dagm_transfer.report.quality.page import quality_page
from dagm_transfer.report.quality.plain import share
from dagm_transfer.report.quality.smaller_networks import smaller_networks
from dagm_transfer.report.students.student_results import students_of
from dagm_transfer.source.paths import TRUNK
from dagm_transfer.stages.report import report
from dagm_transfer.training.paths import TrainingPaths

pytestmark = pytest.mark.filterwarnings("error")


def study_of(project):
    root, results = project.root, gather(project.keys, project.root)
    data = Prepared(root / PREPARED)
    return Study(results, [*results], champion(results), data, root / TRUNK, root / RAW, root)


def html_of(project):
    return quality_page(study_of(project)).html


def words(html):
    """What a reader reads, in one line."""
    shown = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(shown))


def cells(html, caption):
    """The texts of a table's rows, without the small notes."""
    table = html.split(caption)[1].split("</table>")[0]
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", table, flags=re.DOTALL)
    return {
        unescape(row.split("</th>")[0].replace("<wbr>", "")): [
            unescape(re.sub("<small>.*?</small>", "", cell))
            for cell in re.findall("<td>(.*?)</td>", row, flags=re.DOTALL)
        ]
        for row in rows
    }


def judged(project, key, part="test"):
    rows = read_csv(project.root / JudgingPaths(key).table)
    return [row for row in rows if (row["kind"], row["part"]) == ("image", part)]


def change(project, key, edit):
    """Edit the rows of the whole test images."""
    path = project.root / JudgingPaths(key).table
    rows = read_csv(path)
    for row in rows:
        if (row["kind"], row["part"]) == ("image", "test"):
            edit(row)
    write_text(path, to_csv(rows, COLUMNS))


def judge_all(project, key, *, right):
    """Every whole test image far on one side of the threshold."""

    def edit(row):
        truth = int(row["label"]) % 2
        called = truth if right else 1 - truth
        row["judged_at_threshold"] = str(int(row["label"]) // 2 * 2 + called)
        row["score"] = repr((5.0 if called else -7.0) + int(row["label"]) / 100)

    change(project, key, edit)


def counted(rows):
    """(truly defective, called defective) to a number."""
    pairs = ((int(row["label"]) % 2, int(row["judged_at_threshold"]) % 2) for row in rows)
    return Counter(pairs)


@pytest.fixture
def parts(project):
    """Two variants on three groups; the champion is fine-tuned."""
    project.add_usual("finetune", cost=1.0)
    project.add_usual("scratch", cost=9.0)
    return project


def test_the_numbers_are_those_of_the_table(parts):
    found = counted(judged(parts, "finetune-s0"))
    missed, rejected = found[1, 0], found[0, 1]
    defects, normals = missed + found[1, 1], rejected + found[0, 0]
    page = words(html_of(parts))
    low, high = wilson_interval(missed, defects)
    assert f"missed defects {missed} of {defects} between {share(low)} and {share(high)}" in page
    low, high = wilson_interval(rejected, normals)
    assert (
        f"falsely rejected {rejected} of {normals} between {share(low)} and {share(high)}" in page
    )
    cost = 20 * missed + rejected
    low, high = cost_interval(missed, defects, rejected, normals, Costs(20, 1))
    units = "unit" if cost == 1 else "units"
    assert f"cost {cost} {units} between {low:.0f} and {high:.0f} on as many" in page


def test_another_table_makes_other_numbers(parts):
    before = counted(judged(parts, "finetune-s0"))
    defect = next(
        row["image"] for row in judged(parts, "finetune-s0")
        if (int(row["label"]) % 2, int(row["judged_at_threshold"]) % 2) == (1, 1)
    )  # fmt: skip

    def miss(row):
        if row["image"] == defect:
            row["judged_at_threshold"] = str(int(row["judged_at_threshold"]) - 1)
            row["score"] = "-2.5"

    assert defect not in errors_shown(html_of(parts))
    change(parts, "finetune-s0", miss)
    html = html_of(parts)
    assert f"missed defects {before[1, 0] + 1} of 15" in words(html)
    assert defect in errors_shown(html)
    assert "score -2.5, 1.5 below the threshold" in words(html)


def errors_shown(html):
    sheet = html.split('<section id="sheet">')[1].split("</section>")[0]
    return re.findall("<small>(.*?)</small>", sheet)


def test_every_choice_stands_beside_it(parts):
    rows = cells(html_of(parts), "The same test images under every choice.")
    scratch = counted(judged(parts, "scratch-s0"))
    assert [*rows] == [
        "finetune-s0 (this inspection)", "reject nothing", "reject everything", "scratch-s0",
    ]  # fmt: skip
    assert rows["reject nothing"] == ["15 of 15", "0 of 24", "300"]
    assert rows["reject everything"] == ["0 of 15", "24 of 24", "24"]
    cost = 20 * scratch[1, 0] + scratch[0, 1]
    assert rows["scratch-s0"] == [f"{scratch[1, 0]} of 15", f"{scratch[0, 1]} of 24", f"{cost}"]


def test_each_group_has_its_own_numbers(parts):
    rows = cells(html_of(parts), "Test images of each group.")
    assert [*rows] == list(parts.groups)
    for place, found in enumerate(rows.values()):
        own = counted(
            row for row in judged(parts, "finetune-s0") if int(row["label"]) // 2 == place
        )
        cost = 20 * own[1, 0] + own[0, 1]
        assert found == [f"{own[1, 1]} of 5", f"{own[0, 1]} of 8", f"{cost}"]


def test_what_cannot_be_excluded_is_said_of_validation_and_test(parts):
    page = words(html_of(parts))
    for part, name, defects in (("val", "Validation", 9), ("test", "Test", 15)):
        missed = counted(judged(parts, "finetune-s0", part))[1, 0]
        limit = share(largest_rate(missed, defects))
        said = page.split(f"{name}: of {defects} defective images")[1]
        assert said.split("of all defects")[0].endswith(f"does not exclude that up to {limit} ")
    assert (
        f"15 defective images cannot promise a miss rate below {share(1 - 0.05 ** (1 / 15))}"
        in page
    )
    assert "takes 299 defective images of which none is missed (by the rule of three" in page
    assert "3 / 0.01 = 300" in page


def test_without_errors_the_page_says_so_and_still_promises_little(parts):
    judge_all(parts, "finetune-s0", right=True)
    html = html_of(parts)
    page = words(html)
    assert "Of 15 defective test images 15 were found (between 80 % and 100 %" in page
    assert "None: every test image was judged rightly." in page
    assert "no test image is on its wrong side" in page
    assert errors_shown(html) == []
    assert "cost 0 units between 0 and" in page


def test_the_worst_errors_come_first_and_the_rest_is_counted(parts):
    judge_all(parts, "finetune-s0", right=False)
    html = html_of(parts)
    shown = errors_shown(html)
    rows = {row["image"]: row for row in judged(parts, "finetune-s0")}
    assert len(shown) == 24
    truths = [int(rows[image]["label"]) % 2 for image in shown]
    assert truths == sorted(truths, reverse=True)
    off = [
        (truth, abs(float(rows[i]["score"]) + 1)) for truth, i in zip(truths, shown, strict=True)
    ]
    assert off == sorted(off, reverse=True)
    assert "15 more are not shown." in words(html)


def test_one_found_defect_of_each_group_and_the_nearest_good_images_are_shown(parts):
    page = quality_page(study_of(parts))
    assert sum(name.startswith("found_") for name in page.pngs) == 3
    good = [row for row in judged(parts, "finetune-s0") if int(row["label"]) % 2 == 0]
    nearest = [row for row in good if int(row["judged_at_threshold"]) % 2 == 0]
    best = max(nearest, key=lambda row: float(row["score"]))
    passed = page.html.split('<section id="passed">')[1].split("</section>")[0]
    assert re.findall("<small>(.*?)</small>", passed)[0] == best["image"]
    assert max(map(len, page.pngs.values())) <= 300_000


def test_moving_the_threshold_is_told_in_images(parts):
    def edit(row):
        truth = int(row["label"]) % 2
        row["score"] = "2.0" if truth else "-5.0"
        row["judged_at_threshold"] = row["label"]
        if row["image"].endswith("test-0012.png"):  # a defect of each group
            row["score"], row["judged_at_threshold"] = "-4.0", str(int(row["label"]) - 1)
        if row["image"] == "group0/test-0000.png":
            row["score"], row["judged_at_threshold"] = "3.0", str(int(row["label"]) + 1)
        if row["image"] == "group0/test-0001.png":
            row["score"] = "-3.5"

    change(parts, "finetune-s0", edit)
    page = words(html_of(parts))
    assert (
        "To miss none of the 15 defective test images it would have to lie at -4.0 or below: "
        "2 good ones would be rejected instead of 1." in page
    )
    assert (
        "To reject none of the 24 good test images it would have to lie above 3.0: 15 defects "
        "would be missed instead of 3." in page
    )


def test_without_a_champion_the_page_says_so(project):
    project.add_usual("finetune", diverges_at=50)
    page = quality_page(study_of(project))
    assert "There is no inspection to judge: no run ended with a finite loss." in words(page.html)
    assert page.pngs == {}


def test_a_run_whose_training_failed_is_no_choice_unsaid(parts):
    parts.add_usual("frozen", diverges_at=50)
    rows = cells(html_of(parts), "The same test images under every choice.")
    assert "frozen-s0 (its training failed)" in rows


def test_images_that_are_judged_whole_have_no_heat(project_of):
    cells_ = project_of(patches=False)
    cells_.add_usual("finetune")
    html = html_of(cells_)
    assert "linear-gradient" not in html.split("<body>")[1]
    assert "images are resized to 32 pixels" in words(html)
    assert "where the defect was marked, roughly" in words(html)
    assert errors_shown(html) or "None: every" in words(html)


def test_images_without_weak_labels_have_no_key_for_them(project_of):
    plain = project_of(marked=False)
    plain.add_usual("finetune")
    page = words(html_of(plain))
    assert "where the defect was marked" not in page
    assert "the same in every picture" in page


def test_a_group_without_defects_has_a_dash(project_of):
    sound = project_of(defective=0)
    sound.add_usual("finetune")
    html = html_of(sound)
    rows = cells(html, "Test images of each group.")
    assert {found[0] for found in rows.values()} == {"–"}
    assert "A dash: the group has no such image." in words(html)
    assert "missed defects 0 of 0 there is no such image" in words(html)
    assert "Test: no image has a defect, so nothing can be promised of misses." in words(html)


def test_kinds_of_defects_stand_apart_where_they_are_named(project_of):
    bolts = project_of(groups=("bolt",), defects=("scratch", "hole"), defective=8)
    bolts.add_usual("finetune")
    html = html_of(bolts)
    rows = judged(bolts, "finetune-s0")
    kinds = {row["image"]: row["defect"] for row in study_of(bolts).data.images("test")}
    table = html.split("Test images by the kind of their defect")[1].split("</table>")[0]
    for kind in ("hole", "scratch"):
        own = counted(row for row in rows if kinds[row["image"]] == kind)
        assert f"<td>{kind}</td>\n<td>4</td>\n<td>{own[1, 1]} of 4<small>" in table


def test_odd_names_of_groups_are_shown_as_they_are(project_of):
    odd = project_of(groups=('<b>"A" & co</b>', "b'c"))
    odd.add_usual("finetune")
    html = html_of(odd)
    assert '<b>"A"' not in html
    assert '<b>"A" & co</b>' in cells(html, "Test images of each group.")


def test_students_of_the_same_data_stand_beside_the_network(parts):
    weights = parts.root / TrainingPaths("finetune-s0").weights
    weights.parent.mkdir(parents=True, exist_ok=True)
    save_file({"w": np.zeros((3, 500), np.float32), "b": np.zeros(3, np.float32)}, weights)
    assert "0.00 million parameters" in words(html_of(parts))
    assert "dvc repro students/dvc.yaml" in html_of(parts)
    metrics = {"test/accuracy": 0.875, "test/accuracy_low": 0.8, "test/accuracy_high": 0.9}
    rows = [
        StudentRow(teacher, 0, divisor, 40, 200, 10, 900, 5, parts.digest, {**metrics, **more})
        for teacher, divisor, more in (
            ("finetune", TEACHER, {}),
            ("finetune", 8, {"image/defect_ap": 0.75}),
            (NO_TEACHER, 8, {}),
        )
    ]
    others = [replace(row, data="other") for row in rows]
    write_students(parts.root / STUDENTS_TABLE, others)
    assert "dvc repro students/dvc.yaml" in html_of(parts)
    write_students(parts.root / STUDENTS_TABLE, rows)
    page = quality_page(study_of(parts))
    table = cells(page.html, "Accuracy is on the test patches")
    assert table["taught by finetune"] == ["1/8", "200", "87.5 %", "0.750"]
    assert table["labels alone"] == ["1/8", "200", "87.5 %", "–"]
    assert table["finetune (in use)"][:2] == ["all", "1,503"]
    assert "sizes" in page.pngs
    assert "dvc repro students" not in page.html


def test_students_of_another_fold_are_shown_and_said_to_be(parts):
    root = Prepared(parts.root / PREPARED)
    metrics = {"test/accuracy": 0.875, "test/accuracy_low": 0.8, "test/accuracy_high": 0.9}
    own = StudentRow(NO_TEACHER, 1, 8, 40, 200, 10, 900, 5, "of fold 1", metrics)
    write_students(parts.root / STUDENTS_TABLE, [own, replace(own, seed=0, data="of fold 1")])
    facts = {**root.facts, "folds": 2}
    write_json(root.folder / "facts.json", facts)
    fold_folder(root.folder, 1).mkdir()
    for seed, digest in ((0, parts.digest), (1, "of fold 1")):
        write_json(fold_folder(root.folder, seed) / "facts.json", {**facts, "digest": digest})
    found = students_of(parts.root, Prepared(root.folder))
    assert [(row.seed, row.data) for row in found.rows] == [(1, "of fold 1")]
    run = study_of(parts).results["finetune"][0]
    smaller = smaller_networks(run, NetworkSize(1503, 6012), found, facts, "patches")
    assert "finetune on that of seed 0, the students on that of 1" in smaller.table.caption


def test_the_pages_lead_to_each_other_and_hold_their_pictures(parts):
    root, data = parts.root, Prepared(parts.root / PREPARED)
    report(parts.keys, parts.keys, data=data, trunk=root / TRUNK, raw=root / RAW, root=root)
    html = (root / QUALITY).read_text(encoding="utf-8")
    linked = re.findall(r"(?:src|href)=\"(?!data:)([^\"]*)", html)
    assert linked == [REPORT.name]
    assert f'href="{QUALITY.name}"' in (root / REPORT).read_text(encoding="utf-8")
    written = [*(root / TILES).glob("*.png")]
    assert html.count("data:image/png;base64,") == len(written) > 5
