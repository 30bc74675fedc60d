"""4.6 Schedules: `StepLR` and `CosineAnnealingLR`."""

import math

import numpy as np

import neural_framework as nf


def test_step_lr_falls_every_few_epochs(see):
    """With step_size 3 the rate stays for three epochs, then falls by the factor gamma: base * gamma ** (k // 3)."""
    optimizer = sgd(0.8)
    rates = follow(optimizer, nf.StepLR(optimizer, step_size=3, gamma=0.5), epochs=9)
    see.close(rates, [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2, 0.2, 0.1])
    for gamma, expected in ((2.0, [0.5, 1.0, 2.0]), (0.0, [0.5, 0.0, 0.0])):  # a rate may also grow, or end at 0
        optimizer = sgd(0.5)
        see.close(follow(optimizer, nf.StepLR(optimizer, step_size=1, gamma=gamma), epochs=2), expected)


def test_step_lr_divides_by_ten_by_default(see):
    """The default gamma is 0.1; with step_size 1 every epoch has its own rate, however many epochs there are."""
    optimizer = sgd(1.0)
    see.close(follow(optimizer, nf.StepLR(optimizer, step_size=1), epochs=3), [1.0, 0.1, 0.01, 0.001])
    optimizer = sgd(1.0)
    rates = follow(optimizer, nf.StepLR(optimizer, step_size=1, gamma=0.999), epochs=1200)
    see.close(rates[-1], 0.999**1200)


def test_the_cosine_runs_from_the_base_rate_to_the_end_rate(see):
    """After k of T_max epochs the rate is eta_min + (base - eta_min) * (1 + cos(pi * k / T_max)) / 2."""
    optimizer = sgd(1.0)
    rates = follow(optimizer, nf.CosineAnnealingLR(optimizer, T_max=4, eta_min=0.2), epochs=4)
    see.close(rates, [1.0, 0.6 + 0.4 * math.sqrt(0.5), 0.6, 0.6 - 0.4 * math.sqrt(0.5), 0.2])
    optimizer = sgd(0.2)  # below the end rate the cosine climbs
    see.close(follow(optimizer, nf.CosineAnnealingLR(optimizer, T_max=2, eta_min=1.0), epochs=2), [0.2, 0.6, 1.0])


def test_the_cosine_ends_at_zero_by_default(see):
    """The default eta_min is 0: halfway the rate is half, at T_max it is 0, and it is never below 0."""
    optimizer = sgd(0.5)
    rates = follow(optimizer, nf.CosineAnnealingLR(optimizer, T_max=50), epochs=50)
    see.close(rates, [0.25 * (1 + math.cos(math.pi * k / 50)) for k in range(51)])
    see.at_least(rates.min(), 0.0)


def test_past_its_end_the_cosine_climbs_again(see):
    """Beyond T_max the same formula continues: after 2 * T_max epochs the rate is back at the base rate."""
    optimizer = sgd(1.0)
    rates = follow(optimizer, nf.CosineAnnealingLR(optimizer, T_max=2, eta_min=0.5), epochs=5)
    see.close(rates, [1.0, 0.75, 0.5, 0.75, 1.0, 0.75])


def test_every_group_follows_from_its_own_base_rate(see):
    """Each group starts from its own lr, and get_last_lr() lists the rates of all groups in their order."""
    for schedule, factor in ((steps_of_two, 0.1), (cosine_over_four, 0.5)):
        optimizer = sgd(0.1, 2.0)
        scheduler = schedule(optimizer)
        scheduler.step()
        scheduler.step()
        see.close([group["lr"] for group in optimizer.param_groups], [0.1 * factor, 2.0 * factor])
        see.close(scheduler.get_last_lr(), [0.1 * factor, 2.0 * factor])


def test_nothing_changes_before_the_first_epoch_ends(see):
    """The first epoch runs at the base rate: creating the scheduler does not change it, only step() does."""
    for schedule, rate in ((steps_of_two, 0.5), (cosine_over_four, 0.25 + 0.25 * math.sqrt(0.5))):
        optimizer = sgd(0.5)
        scheduler = schedule(optimizer)
        see.close(scheduler.get_last_lr(), [0.5])
        see.close(optimizer.param_groups[0]["lr"], 0.5)
        scheduler.step()
        see.close(scheduler.get_last_lr(), [rate])


def test_the_optimizer_steps_at_the_new_rate(see):
    """The rate is written where the optimizer reads it, so the optimizer's next step is shorter."""
    p = nf.Parameter(np.array([0.0]))
    p.grad = nf.Tensor(np.array([1.0]))
    optimizer = nf.SGD([p], lr=1.0)
    scheduler = nf.StepLR(optimizer, step_size=1, gamma=0.5)
    for _ in range(3):
        optimizer.step()
        scheduler.step()
    see.close(p, [-1.75])  # 1 + 0.5 + 0.25


def test_a_resumed_schedule_goes_on(see):
    """A new scheduler that loads the old one's state_dict continues at the epoch that the old one had reached."""
    for schedule, rates in (
        (steps_of_two, [0.1, 0.01]),
        (cosine_over_four, [0.5 - 0.5 * math.sqrt(0.5), 0.0]),
    ):
        optimizer, resumed = sgd(1.0), sgd(1.0)
        first, second = schedule(optimizer), schedule(resumed)
        follow(optimizer, first, epochs=2)
        resumed.load_state_dict(optimizer.state_dict())
        second.load_state_dict(first.state_dict())
        see.close(follow(resumed, second, epochs=2)[1:], rates)


def sgd(*rates):
    """An optimizer with one group per rate, each with one parameter."""
    return nf.SGD([{"params": [nf.Parameter(np.zeros(2))], "lr": rate} for rate in rates], lr=1.0)


def steps_of_two(optimizer):
    """A schedule that cuts the rate to a tenth every two epochs."""
    return nf.StepLR(optimizer, step_size=2)


def cosine_over_four(optimizer):
    """A schedule from the base rate to 0 in four epochs."""
    return nf.CosineAnnealingLR(optimizer, T_max=4)


def follow(optimizer, scheduler, epochs):
    """The optimizer's rate before the first epoch and after each of the given epochs."""
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(epochs):
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    return np.array(rates)
