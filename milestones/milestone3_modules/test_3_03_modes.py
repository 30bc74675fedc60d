"""3.3 Modes: training and evaluation mode, clearing gradients, counting parameters."""

import numpy as np

import neural_framework as nf


def family():
    """A root with a child, a grandchild and its child, each with one parameter: sizes 6, 3, 1 and 5."""
    root = nf.Module()
    root.child = nf.Module()
    root.child.inner = nf.Module()
    root.child.inner.last = nf.Module()
    root.weight = nf.Parameter(np.ones((2, 3)))
    root.child.weight = nf.Parameter(np.ones(3))
    root.child.inner.scale = nf.Parameter(1.0)
    root.child.inner.last.weight = nf.Parameter(np.ones(5))
    return root


def modes(root):
    """Which modules of the family are in which mode, by the sizes of their parameters."""
    child, inner, last = root.child, root.child.inner, root.child.inner.last
    parts = [(root, root.weight), (child, child.weight), (inner, inner.scale), (last, last.weight)]
    training = [parameter.data.size for module, parameter in parts if module.training is True]
    return {"training": training, "eval": [parameter.data.size for module, parameter in parts if not module.training]}


def test_eval_reaches_every_module_below(see):
    """eval() turns training mode off in the module, its children, their children and all below."""
    root = family()
    root.eval()
    see.equal(modes(root), {"training": [], "eval": [6, 3, 1, 5]})


def test_train_turns_it_on_again(see):
    """train() after eval() turns training mode on again everywhere."""
    root = family()
    root.train(False)
    root.train()
    see.equal(modes(root), {"training": [6, 3, 1, 5], "eval": []})


def test_train_false_is_eval(see):
    """train(mode) sets exactly the given mode, at every depth."""
    root = family()
    root.train(False)
    see.equal(modes(root), {"training": [], "eval": [6, 3, 1, 5]})


def test_a_part_may_have_a_mode_of_its_own(see):
    """eval() on a child changes the child and everything below it, not its parent, whose train() ends it again."""
    root = family()
    root.child.eval()
    see.equal(modes(root), {"training": [6], "eval": [3, 1, 5]})
    root.train()
    see.equal(modes(root), {"training": [6, 3, 1, 5], "eval": []})
    root.child.inner.eval()
    root.train()  # the way to what differs leads through modules that are in this mode already
    see.equal(modes(root), {"training": [6, 3, 1, 5], "eval": []})


def test_modules_in_a_ring_are_all_reached(see):
    """Three modules in a ring, and one that contains the ring: every walk reaches all of the ring, and ends."""
    first, second, third = modules = [nf.Module() for _ in range(3)]
    first.next, second.next, third.next = second, third, first
    third.weight = nf.Parameter([1.0, 2.0])
    above = nf.Module()
    above.ring = first
    for root in (first, above):
        third.weight.grad = nf.Tensor([3.0, 4.0])
        for mode in (False, True):
            root.train(mode)
            see.equal([module.training for module in modules], [mode] * 3)
        root.eval()
        see.equal([module.training for module in modules], [False] * 3)
        root.zero_grad()
        see.equal([third.weight.grad, root.parameter_count()], [None, 2])


def test_both_return_the_module(see):
    """train() and eval() return the module itself, so that model = build().eval() works."""
    root = family()
    see.same(root.train(), root)
    see.same(root.eval(), root)
    see.equal(family().eval().parameter_count(), 15)


def test_eval_does_not_freeze(see):
    """eval() changes how layers behave, not what can be trained: the parameters still require grad."""
    root = family().eval()
    see.equal([parameter.data.size for parameter in root.parameters() if parameter.requires_grad], [6, 3, 1, 5])


def test_zero_grad_forgets_every_gradient(see):
    """zero_grad() sets .grad of every parameter to None, at every depth, also of one that is frozen."""
    root = family()
    for parameter in root.parameters():
        parameter.grad = nf.Tensor(np.full(parameter.shape, 5.0), dtype=parameter.dtype)
    root.child.weight.requires_grad = False
    root.zero_grad()
    see.equal([parameter.data.size for parameter in root.parameters() if parameter.grad is None], [6, 3, 1, 5])


def test_zero_grad_leaves_the_values(see):
    """zero_grad() clears the gradients and does not change the weights."""
    root = family()
    root.zero_grad()
    see.close(root.child.weight.data, [1.0, 1.0, 1.0])


def test_parameter_count_counts_numbers(see):
    """parameter_count() counts single numbers, at every depth, of any shape: 2*3 + 3 + 1 + 5 = 15, also frozen ones."""
    root = family()
    see.equal(root.parameter_count(), 15)
    root.child.weight.requires_grad = False
    see.equal(root.parameter_count(), 15)
    see.equal(nf.Module().parameter_count(), 0)
    root.kernel, root.scale = nf.Parameter(np.ones((2, 3, 1, 4))), nf.Parameter(np.float64(1.0))
    see.equal(root.parameter_count(), 15 + 24 + 1)


def test_a_shared_parameter_counts_once(see):
    """A weight that two layers share is one weight, so it counts once."""
    root = family()
    root.tied = root.weight
    root.child.tied = root.weight
    see.equal(root.parameter_count(), 15)


def test_buffers_do_not_count(see):
    """A buffer is saved but never trained, so it does not count as a parameter."""
    root = family()
    root.child.register_buffer("mean", np.zeros(100))
    see.equal(root.parameter_count(), 15)
