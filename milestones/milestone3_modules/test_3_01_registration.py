"""3.1 Registration: what you assign to a module, or register by name, becomes part of it."""

import numpy as np

import neural_framework as nf


def springs(count):
    """A module that `repr` shows as "7 springs" if count is 7."""

    class Springs(nf.Module):
        def extra_repr(self):
            return f"{count} springs"

    return Springs()


def test_an_assigned_parameter_is_registered(see):
    """module.weight = Parameter(...) registers that same object: then a plain Tensor may not replace it."""
    module, weight = nf.Module(), nf.Parameter([1.0, 2.0])
    module.weight = weight
    see.raises(lambda: setattr(module, "weight", nf.Tensor([3.0, 4.0])), "TypeError")
    see.true(module.weight is weight)
    see.close(weight.data, [1.0, 2.0])


def test_a_plain_tensor_is_not_a_parameter(see):
    """A Tensor that is not a Parameter stays an ordinary attribute, even if it requires grad."""
    module, second = nf.Module(), nf.Tensor([2.0])
    module.scale = nf.Tensor([1.0], requires_grad=True)
    module.scale = second
    see.true(module.scale is second)
    module.scale = nf.Parameter([3.0])
    see.close(module.scale, [3.0])


def test_a_parameter_replaces_a_parameter(see):
    """You may assign another Parameter over a registered parameter: it is registered in its place."""
    module, second = nf.Module(), nf.Parameter([2.0])
    module.weight = nf.Parameter([1.0])
    module.weight = second
    see.true(module.weight is second)
    see.raises(lambda: setattr(module, "weight", nf.Tensor([3.0])), "TypeError")


def test_register_parameter_takes_a_tensor_that_requires_grad(see):
    """register_parameter(name, tensor) registers any Tensor that requires grad under that name."""
    module, weight = nf.Module(), nf.Tensor([1.0], requires_grad=True)
    module.register_parameter("weight", weight)
    see.true(module.weight is weight)
    see.raises(lambda: setattr(module, "weight", nf.Tensor([3.0])), "TypeError")


def test_register_parameter_refuses_what_cannot_be_trained(see):
    """Anything but a Tensor is a TypeError; a Tensor that does not require grad is a ValueError."""
    module = nf.Module()
    see.raises(lambda: module.register_parameter("weight", [1.0]), "TypeError")
    see.raises(lambda: module.register_parameter("weight", nf.Tensor([1.0])), "ValueError")
    module.register_parameter("weight", nf.Parameter([2.0]))
    see.close(module.weight, [2.0])


def test_none_takes_a_parameter_away(see):
    """Assigning None over a parameter removes it: the attribute is None, and a plain Tensor may have the name."""
    module, plain = nf.Module(), nf.Tensor([2.0])
    module.bias = nf.Parameter([1.0])
    module.bias = None
    see.true(module.bias is None)
    module.bias = plain
    see.true(module.bias is plain)


def test_register_parameter_takes_none(see):
    """register_parameter(name, None) removes the parameter: the attribute is None."""
    module = nf.Module()
    module.weight = nf.Parameter([1.0])
    module.register_parameter("weight", None)
    see.true(module.weight is None)


def test_a_name_that_was_registered_as_none_is_free(see):
    """After register_parameter(name, None) the name belongs to no parameter: a plain Tensor may have it."""
    module, plain = nf.Module(), nf.Tensor([2.0])
    module.weight = nf.Parameter([1.0])
    module.register_parameter("weight", None)
    module.weight = plain
    see.true(module.weight is plain)


def test_none_takes_a_child_away(see):
    """Assigning None over a child removes it: it no longer appears inside its parent."""
    parent = nf.Module()
    parent.layer = springs(7)
    see.equal(repr(parent).count("7 springs"), 1)
    parent.layer = None
    see.equal(repr(parent).count("7 springs"), 0)
    see.true(parent.layer is None)


def test_an_assigned_module_is_registered(see):
    """module.layer = Module() makes that same object a child: it appears inside its parent."""
    parent, child = nf.Module(), springs(7)
    parent.layer = child
    see.true(parent.layer is child)
    see.equal(repr(parent).count("7 springs"), 1)


def test_register_module_is_assignment_by_name(see):
    """register_module("layer", child) does the same as parent.layer = child."""
    parent, child = nf.Module(), springs(7)
    parent.register_module("layer", child)
    see.true(parent.layer is child)
    see.equal(repr(parent).count("7 springs"), 1)


def test_register_module_refuses_what_is_not_a_module(see):
    """A number, or a class instead of an instance, is a TypeError, and what was registered before stays."""
    parent, child = nf.Module(), springs(7)
    parent.layer = child
    for wrong in (3, nf.Tensor([1.0]), nf.Module):
        see.raises(lambda wrong=wrong: parent.register_module("layer", wrong), "TypeError")
    see.true(parent.layer is child)


def test_an_array_over_a_buffer_is_its_new_value(see):
    """A buffer is saved but not trained. Assign an array over it: that is its new value, as a Tensor."""
    module = nf.Module()
    module.register_buffer("mean", np.zeros(2))
    module.mean = np.array([1.0, 2.0])
    see.equal(isinstance(module.mean, nf.Tensor), True)
    see.close(module.mean, [1.0, 2.0])


def test_the_last_assignment_wins_whatever_was_there(see):
    """None, a Parameter, a Module, another Parameter: each replaces whatever had the name before it."""
    module, first, child, last = nf.Module(), nf.Parameter([1.0]), springs(7), nf.Parameter([2.0])
    module.part = None
    module.part = first
    see.true(module.part is first)
    module.part = child
    see.true(module.part is child)
    module.part = last
    see.true(module.part is last)
    see.equal(repr(module).count("7 springs"), 0)


def test_a_forgotten_super_init_is_named(see):
    """A class that assigns parts before super().__init__() gets an error that names __init__."""

    class Forgetful(nf.Module):
        def __init__(self, part):
            self.part = part

    for part in (nf.Parameter([1.0]), springs(7)):
        see.raises(lambda part=part: Forgetful(part), ("AttributeError", "RuntimeError"), mentions=["__init__"])


def test_each_module_keeps_its_own_registry(see):
    """What you register in one module does not appear in another module of the same class."""
    first, second = nf.Module(), nf.Module()
    first.layer, first.weight = springs(7), nf.Parameter([1.0])
    see.equal(repr(second).count("7 springs"), 0)
    second.weight = nf.Tensor([2.0])
    see.close(second.weight, [2.0])


def test_other_attributes_are_ordinary(see):
    """Numbers and strings are stored as in any object, and a missing attribute is an AttributeError."""
    module = nf.Module()
    module.size, module.label = 3, "encoder"
    see.equal([module.size, module.label], [3, "encoder"])
    see.raises(lambda: module.weight, "AttributeError", mentions=["weight"])
