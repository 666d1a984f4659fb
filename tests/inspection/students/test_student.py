"""Students: how wide, how large, alive at the start, and what their loss is."""

import numpy as np
import pytest
import torch
from small import SIZE, recipe, small_inputs, small_network
from torch import nn

from dagm_transfer.events.event import MemoryRecorder
from dagm_transfer.inspection.layer_sizes import layer_sizes, total
from dagm_transfer.inspection.students.distillation import (
    Answers,
    distillation_loss,
    grey_of,
    taught_by,
)
from dagm_transfer.inspection.students.student_start import student_at_start
from dagm_transfer.inspection.students.student_widths import student_widths
from dagm_transfer.judging.inspector import logits_of_network
from dagm_transfer.models.initial import initial_network, to_input
from dagm_transfer.models.vgg16 import DEPTHS, PUBLISHED, VGG16
from dagm_transfer.training.augment import rotate_and_flip
from dagm_transfer.training.feed import feeds_of_pixels
from dagm_transfer.training.loop import train_network

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """For every test here."""


def grey(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, SIZE, SIZE), dtype=np.uint8)


@pytest.mark.parametrize("divisor", [2, 4, 8, 16, 32, 64, 128])
def test_every_layer_keeps_a_channel_and_its_share(divisor):
    widths = student_widths(divisor)
    for kept, published in zip(widths.convolutions, PUBLISHED.convolutions, strict=True):
        assert kept == max(1, published // divisor)
    assert sum(widths.convolutions) >= 4224 // divisor


@pytest.mark.parametrize("head", ["gap", "fc"])
@pytest.mark.parametrize("divisor", [8, 128])
def test_sizes_are_those_of_the_network(head, divisor):
    widths = student_widths(divisor)
    network = VGG16(4, head, SIZE, widths).eval()
    size = total(layer_sizes(network, SIZE))
    assert size.parameters == sum(p.numel() for p in network.parameters())
    counted: list[int] = []

    def count(layer, _, output):
        places = output[0, 0].numel() if output.dim() == 4 else 1
        counted.append(layer.weight.numel() * places)

    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    network(torch.zeros(1, 3, SIZE, SIZE))
    assert size.multiply_adds == sum(counted)


def at_start(divisor: int, seed: int, inputs: torch.Tensor) -> VGG16:
    return student_at_start(
        seed=seed, labels=4, head="gap", size=SIZE, widths=student_widths(divisor), inputs=inputs
    )


@pytest.mark.parametrize("divisor", [8, 128])
@pytest.mark.parametrize("seed", range(3))
def test_each_layer_of_a_student_starts_as_strong_as_any_other(divisor, seed):
    inputs = to_input(torch.from_numpy(grey(6))[:, None], "unit")
    student = at_start(divisor, seed, inputs)
    with torch.no_grad():
        # As the next layer takes them in: after the pool where a block ends.
        answers = [student.split(depth + 1)[0](inputs) for depth in DEPTHS]
    strengths = [float(each.square().mean().sqrt()) for each in answers]
    assert strengths == pytest.approx([1.0] * 13, rel=1e-3)


def test_a_start_is_hes_draw_but_for_a_scale_a_layer():
    inputs = to_input(torch.from_numpy(grey(4))[:, None], "unit")
    student = at_start(32, 3, inputs)
    drawn = initial_network(
        init="he", seed=3, labels=4, head="gap", size=SIZE, trunk={}, widths=student_widths(32)
    )
    for depth in range(1, 14):
        ratios = student.conv(depth).weight / drawn.conv(depth).weight
        assert torch.allclose(ratios, ratios.mean(), rtol=1e-4)
    assert torch.equal(student.head[1].weight, drawn.head[1].weight)


def test_the_loss_is_that_of_the_formula():
    random = torch.Generator().manual_seed(0)
    logits, taught = (torch.randn(5, 4, generator=random) for _ in range(2))
    labels = torch.tensor([0, 1, 2, 3, 1])
    ours = distillation_loss(logits, labels, taught, temperature=3.0, alpha=0.7)
    p, q = (torch.softmax(t / 3.0, dim=1).double() for t in (taught, logits))
    divergence = (p * (p / q).log()).sum(dim=1).mean()
    truth = -torch.log_softmax(logits, dim=1)[range(5), labels].mean()
    assert float(ours) == pytest.approx(float(0.7 * 9 * divergence + 0.3 * truth), rel=1e-5)


def test_without_weight_for_the_teacher_it_is_cross_entropy():
    logits, taught = torch.randn(5, 4), torch.randn(5, 4)
    labels = torch.tensor([0, 1, 2, 3, 1])
    loss = distillation_loss(logits, labels, taught, temperature=3.0, alpha=0.0)
    assert float(loss) == pytest.approx(float(nn.functional.cross_entropy(logits, labels)))


def test_at_a_high_temperature_it_matches_centred_logits():
    # Hinton 2015: the divergence times T^2 goes to half the mean squared difference of logits.
    logits, taught = torch.randn(6, 4).double(), torch.randn(6, 4).double()
    loss = distillation_loss(
        logits, torch.zeros(6, dtype=torch.long), taught, temperature=1e4, alpha=1.0
    )
    gap = (logits - logits.mean(1, keepdim=True)) - (taught - taught.mean(1, keepdim=True))
    assert float(loss) == pytest.approx(float(gap.square().mean(1).mean() / 2), rel=1e-3)


@pytest.mark.parametrize("scale", ["bytes", "unit"])
def test_every_grey_level_is_found_again_in_an_input(scale):
    levels = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert np.array_equal(grey_of(to_input(levels, scale), scale)[0], levels[0, 0].numpy())


@pytest.mark.parametrize("augment", [False, True])
def test_a_student_is_told_what_the_teacher_answers_to_the_same_input(augment):
    pixels, teacher = grey(5), logits_of_network(small_network(seed=1), "bytes", 2, CPU)
    done: list[tuple[int, int]] = []
    answers = Answers(teacher, pixels, 2, augment=augment, on_batch=lambda *told: done.append(told))
    assert done[-1] == (3, 3)
    turns = torch.tensor([0, 3, 5, 7]) if augment else torch.zeros(4, dtype=torch.long)
    shown = rotate_and_flip(torch.from_numpy(pixels[[4, 0, 2, 2]])[:, None], turns)
    asked = teacher(shown[:, 0].numpy())
    assert np.allclose(answers.to(shown[:, 0].numpy()), asked, rtol=1e-4, atol=1e-4)
    loss = taught_by(answers, "unit", temperature=2.0, alpha=1.0)
    own = torch.from_numpy(asked).float()
    assert float(loss(own, torch.zeros(4, dtype=torch.long), to_input(shown, "unit"))) < 1e-6


def test_an_input_that_the_teacher_was_not_shown_is_no_answer():
    teacher = logits_of_network(small_network(), "bytes", 2, CPU)
    answers = Answers(teacher, grey(2), 2, augment=False, on_batch=lambda *_: None)
    with pytest.raises(KeyError):
        answers.to(grey(1, seed=9))


def test_a_student_comes_nearer_to_its_teacher():
    train = small_inputs(8)
    teacher = logits_of_network(small_network(seed=5), "unit", 4, CPU)
    answers = Answers(teacher, train.pixels, 4, augment=True, on_batch=lambda *_: None)
    student = small_network(seed=0)
    recorder = MemoryRecorder()
    train_network(
        student, train, small_inputs(2, seed=1),
        recipe(iterations=24, evaluate_every=8, learning_rate=0.01, augment=True), CPU,
        make_feeds=feeds_of_pixels, record=recorder.record,
        loss=taught_by(answers, "unit", temperature=2.0, alpha=1.0),
    )  # fmt: skip
    losses = [e.metrics["train/loss"] for e in recorder.evaluations[1:]]
    assert losses[-1] < losses[0]
