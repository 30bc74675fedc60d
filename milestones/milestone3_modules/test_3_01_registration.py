"""3.1 Registration: what you assign to a module, or register by name, becomes part of it."""

import re

import numpy as np

import neural_framework as nf


def springs(count):
    """A module that `repr` shows as "7 springs" if count is 7; its class is a kind of another kind of Module."""

    class Layer(nf.Module):
        pass

    class Springs(Layer):
        def extra_repr(self):
            return f"{count} springs"

    return Springs()


def gain(values):
    """A Parameter of a class that is a kind of Parameter."""

    class Gain(nf.Parameter):
        pass

    return Gain(values)


def springs_in(module):
    """How many springs the parts inside a module have, as its `repr` shows them."""
    return [int(count) for count in re.findall(r"(\d+) springs", repr(module))]


def test_an_assigned_parameter_is_registered(see):
    """module.weight = Parameter(...) registers that same object: then no Tensor, list or number may replace it."""
    for weight in (nf.Parameter([1.0, 2.0]), gain([1.0, 2.0])):
        module = nf.Module()
        module.weight = weight
        for plain in (nf.Tensor([3.0, 4.0]), nf.Tensor([3.0, 4.0], requires_grad=True), [3.0, 4.0], 0.0):
            see.raises(lambda module=module, plain=plain: setattr(module, "weight", plain), "TypeError")
        see.same(module.weight, weight)
        see.close(weight.data, [1.0, 2.0])


def test_a_plain_tensor_is_not_a_parameter(see):
    """A Tensor that is not a Parameter stays an ordinary attribute, even if it requires grad."""
    module, second = nf.Module(), nf.Tensor([2.0])
    module.scale = nf.Tensor([1.0], requires_grad=True)
    module.scale = second
    see.same(module.scale, second)
    module.scale = nf.Parameter([3.0])
    see.close(module.scale, [3.0])


def test_a_parameter_replaces_a_parameter(see):
    """You may assign another Parameter over a registered parameter: it is registered in its place."""
    module, second = nf.Module(), nf.Parameter([2.0])
    module.weight = nf.Parameter([1.0])
    module.weight = second
    see.same(module.weight, second)
    see.raises(lambda: setattr(module, "weight", nf.Tensor([3.0])), "TypeError")


def test_register_parameter_takes_a_tensor_that_requires_grad(see):
    """register_parameter(name, tensor) registers any Tensor that requires grad under that name."""
    for weight in (nf.Tensor([1.0], requires_grad=True), gain([1.0])):
        module = nf.Module()
        module.register_parameter("weight", weight)
        see.same(module.weight, weight)
        see.raises(lambda module=module: setattr(module, "weight", nf.Tensor([3.0])), "TypeError")


def test_register_parameter_refuses_what_cannot_be_trained(see):
    """No Tensor: TypeError. One that does not require grad: ValueError. What was registered before stays."""
    module, weight = nf.Module(), nf.Parameter([2.0])
    module.weight = weight
    for name in ("weight", "bias"):
        see.raises(lambda name=name: module.register_parameter(name, [1.0]), "TypeError")
        see.raises(lambda name=name: module.register_parameter(name, nf.Tensor([1.0])), "ValueError")
    see.same(module.weight, weight)
    see.raises(lambda: setattr(module, "weight", nf.Tensor([3.0])), "TypeError")


def test_none_takes_a_parameter_away(see):
    """Assigning None over a parameter removes it: the attribute is None, and a plain Tensor may have the name."""
    module, plain = nf.Module(), nf.Tensor([2.0])
    module.bias = nf.Parameter([1.0])
    module.bias = None
    see.same(module.bias, None)
    module.bias = plain
    see.same(module.bias, plain)


def test_register_parameter_takes_none(see):
    """register_parameter(name, None) removes that parameter: the attribute is None."""
    module = nf.Module()
    module.weight, module.bias = nf.Parameter([1.0]), nf.Parameter([2.0])
    module.register_parameter("weight", None)
    see.same(module.weight, None)
    see.close(module.bias, [2.0])


def test_a_name_that_was_registered_as_none_is_free(see):
    """After register_parameter(name, None) the name belongs to no parameter: a plain Tensor may have it."""
    module, plain = nf.Module(), nf.Tensor([2.0])
    module.weight = nf.Parameter([1.0])
    module.register_parameter("weight", None)
    module.weight = plain
    see.same(module.weight, plain)


def test_none_takes_a_child_away(see):
    """Assigning None over a child removes it: it no longer appears inside its parent."""
    parent = nf.Module()
    parent.layer = springs(7)
    see.equal(springs_in(parent), [7])
    parent.layer = None
    see.equal(springs_in(parent), [])
    see.same(parent.layer, None)


def test_an_assigned_module_is_registered(see):
    """module.layer = Module() makes that same object a child: it appears inside its parent."""
    parent, child = nf.Module(), springs(7)
    parent.layer = child
    see.same(parent.layer, child)
    see.equal(springs_in(parent), [7])


def test_register_module_is_assignment_by_name(see):
    """register_module("layer", child) does the same as parent.layer = child."""
    parent, child = nf.Module(), springs(7)
    parent.register_module("layer", child)
    see.same(parent.layer, child)
    see.equal(springs_in(parent), [7])


def test_register_module_refuses_what_is_not_a_module(see):
    """A number, None, or a class instead of an instance, is a TypeError; what was registered before stays."""
    parent, child = nf.Module(), springs(7)
    parent.layer = child
    for wrong in (3, None, nf.Tensor([1.0]), nf.Module):
        see.raises(lambda wrong=wrong: parent.register_module("layer", wrong), "TypeError")
    see.equal(springs_in(parent), [7])
    see.same(parent.layer, child)


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
    see.same(module.part, first)
    module.part = child
    see.same(module.part, child)
    module.part = last
    see.same(module.part, last)
    see.equal(springs_in(module), [])


def test_the_last_registration_wins_over_a_buffer_too(see):
    """A Parameter or a Module over a buffer ends the buffer: what is assigned next is not its value."""
    module, weight, child = nf.Module(), nf.Parameter([1.0]), springs(7)
    module.register_buffer("mean", np.zeros(1))
    module.register_buffer("part", np.zeros(1))
    module.mean, module.part = weight, child
    see.same(module.mean, weight)
    see.raises(lambda: setattr(module, "mean", nf.Tensor([2.0])), "TypeError")
    see.same(module.part, child)
    see.equal(springs_in(module), [7])
    module.part = None
    see.equal(springs_in(module), [])


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
    see.equal(springs_in(second), [])
    second.weight = nf.Tensor([2.0])
    see.close(second.weight, [2.0])


def test_other_attributes_are_ordinary(see):
    """Numbers, strings and lists are stored as in any object, and a missing attribute is an AttributeError."""
    module = nf.Module()
    module.size, module.label, module.parts = 3, "encoder", [springs(7)]
    see.equal([module.size, module.label, len(module.parts)], [3, "encoder", 1])
    see.equal(springs_in(module), [])  # a list registers nothing: that is what ModuleList is for
    see.raises(lambda: module.weight, "AttributeError", mentions=["weight"])
