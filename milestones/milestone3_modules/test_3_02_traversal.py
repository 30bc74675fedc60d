"""3.2 Traversal: walking through a tree of modules, with a dotted name for everything in it."""

import neural_framework as nf


def family():
    """A root with a child registered BEFORE its own parameter; the child has a child of its own."""
    root, child, grandchild = nf.Module(), nf.Module(), nf.Module()
    grandchild.bias = nf.Parameter([1.0])
    child.weight, child.inner = nf.Parameter([2.0]), grandchild
    root.first, root.second, root.scale = child, nf.Module(), nf.Parameter([3.0])
    root.second.weight = nf.Parameter([4.0])
    return root


def names(pairs):
    """The names of (name, object) pairs."""
    return [name for name, _ in pairs]


def test_own_parameters_come_first_then_the_children_in_order(see):
    """named_parameters gives own parameters first, then each child's in order of registration, with dotted names."""
    expected = ["scale", "first.weight", "first.inner.bias", "second.weight"]
    see.equal(names(family().named_parameters()), expected)


def test_each_name_comes_with_its_parameter(see):
    """Each name comes with its parameter, and that is the same object that the layer uses."""
    root = family()
    found = dict(root.named_parameters())
    see.same(found["first.inner.bias"], root.first.inner.bias)
    see.same(found["scale"], root.scale)
    see.equal(len(found), 4)


def test_a_prefix_goes_before_every_name(see):
    """named_parameters(prefix="model") puts model. before each name, in the module and in its children."""
    expected = ["model.scale", "model.first.weight", "model.first.inner.bias", "model.second.weight"]
    see.equal(names(family().named_parameters(prefix="model")), expected)


def test_recurse_false_stays_at_home(see):
    """With recurse=False you get only the module's own parameters."""
    root = family()
    see.equal(names(root.named_parameters(recurse=False)), ["scale"])
    see.equal(names(root.first.named_parameters("p", recurse=False)), ["p.weight"])
    see.equal([parameter.item() for parameter in root.parameters(recurse=False)], [3.0])


def test_a_shared_parameter_comes_once(see):
    """A weight that two layers share, or that has two names in one layer, appears once, under its first name."""
    root, shared = nf.Module(), nf.Parameter([1.0])
    root.encoder, root.decoder = nf.Module(), nf.Module()
    root.encoder.weight, root.encoder.bias, root.encoder.again = shared, nf.Parameter([3.0]), shared
    root.decoder.bias, root.decoder.weight = nf.Parameter([2.0]), shared
    see.equal(names(root.named_parameters()), ["encoder.weight", "encoder.bias", "decoder.bias"])
    see.equal(names(root.encoder.named_parameters(recurse=False)), ["weight", "bias"])
    see.equal(len(list(root.parameters())), 3)


def test_equal_values_do_not_make_parameters_shared(see):
    """Two parameters that hold the same numbers are still two: objects are compared, not values."""
    root = nf.Module()
    root.first, root.second = nf.Parameter([1.0, 1.0]), nf.Parameter([1.0, 1.0])
    see.equal(names(root.named_parameters()), ["first", "second"])


def test_a_layer_used_twice_is_counted_once(see):
    """A layer with two names is one module, and its parameters appear once, under the name that comes first."""
    root, layer, deep = nf.Module(), nf.Module(), nf.Module()
    layer.weight, deep.weight = nf.Parameter([1.0]), nf.Parameter([3.0])
    root.first = root.again = layer
    root.last = nf.Module()
    root.last.weight = nf.Parameter([2.0])
    root.twice = layer
    see.equal(names(root.named_parameters()), ["first.weight", "last.weight"])
    see.equal(names(root.named_modules()), ["", "first", "last"])
    see.equal(len(list(root.children())), 2)
    layer.inner, root.deep = deep, deep  # the walk is inside the first child before it comes to the last
    see.equal(names(root.named_parameters()), ["first.weight", "first.inner.weight", "last.weight"])
    see.equal(names(root.named_modules()), ["", "first", "first.inner", "last"])


def test_a_circle_of_modules_does_not_loop(see):
    """child.parent = parent makes a cycle: the walk visits each module once and ends."""
    root, child = nf.Module(), nf.Module()
    root.child, child.parent = child, root
    root.weight, child.weight = nf.Parameter([1.0]), nf.Parameter([2.0])
    see.equal(names(root.named_parameters()), ["weight", "child.weight"])
    see.equal(names(child.named_parameters()), ["weight", "parent.weight"])
    see.equal(names(root.named_modules()), ["", "child"])
    first, second, third = (nf.Module() for _ in range(3))
    first.next, second.next, third.next = second, third, first
    third.weight = nf.Parameter([1.0])
    see.equal(names(first.named_parameters()), ["next.next.weight"])
    see.equal(names(first.named_modules()), ["", "next", "next.next"])
    above, alone = nf.Module(), nf.Module()
    above.ring, alone.me = first, alone  # the walk comes to a ring from outside; a module is its own child
    see.equal(names(above.named_modules()), ["", "ring", "ring.next", "ring.next.next"])
    see.equal(names(above.named_parameters()), ["ring.next.next.weight"])
    see.equal(names(alone.named_modules()), [""])
    see.equal(len(list(alone.children())), 1)


def test_names_of_many_levels_are_complete(see):
    """However deep a module is, it is found, and its name holds the whole way from the root."""
    root = nf.Module()
    root.a = nf.Module()
    root.a.b = nf.Module()
    root.a.b.c = nf.Module()
    root.a.b.c.weight = nf.Parameter([1.0])
    see.equal(names(root.named_modules()), ["", "a", "a.b", "a.b.c"])
    see.equal(names(root.named_parameters()), ["a.b.c.weight"])


def test_the_walks_are_iterators(see):
    """All walks return iterators: each next() continues after the last one."""
    root = family()
    parameters, named = root.parameters(), root.named_parameters()
    see.equal([next(parameters).item(), next(parameters).item()], [3.0, 2.0])
    see.equal([next(named)[0], next(named)[0]], ["scale", "first.weight"])
    modules, children = root.named_modules(), root.children()
    see.equal([next(modules)[0], next(modules)[0]], ["", "first"])
    see.same(next(children), root.first)
    see.same(next(children), root.second)


def test_children_are_the_direct_ones(see):
    """children() gives the modules one level below, in order, and no grandchildren."""
    root = family()
    found = list(root.children())
    see.equal(len(found), 2)
    see.same(found[0], root.first)
    see.same(found[1], root.second)


def test_named_modules_begins_with_the_root(see):
    """named_modules() gives the module itself under "", then every module below, in order, under its dotted name."""
    root = family()
    found = dict(root.named_modules())
    see.equal(list(found), ["", "first", "first.inner", "second"])
    see.same(found[""], root)
    see.same(found["first.inner"], root.first.inner)
    see.equal(names(root.named_modules(prefix="model")), ["model", "model.first", "model.first.inner", "model.second"])


def test_more_than_ten_children_stay_in_their_order(see):
    """Twelve children come in order of registration: "10" after "9", and not after "1"."""
    root, backwards = nf.Module(), nf.Module()
    layers = [nf.Module() for _ in range(12)]
    for i, layer in enumerate(layers):
        layer.weight = nf.Parameter([float(i)])
        setattr(root, str(i), layer)
        setattr(backwards, str(i), layers[11 - i])
    see.equal(names(root.named_modules()), ["", *map(str, range(12))])
    see.equal(names(root.named_parameters()), [f"{i}.weight" for i in range(12)])
    see.equal([layer.weight.item() for layer in root.children()], [float(i) for i in range(12)])
    see.equal([layer.weight.item() for layer in backwards.children()], [float(i) for i in reversed(range(12))])


def test_the_order_is_that_of_registration_not_of_names(see):
    """A name that was None before counts from when a Module gets it; one in place of another keeps its place."""
    root, layers = nf.Module(), [nf.Module() for _ in range(4)]
    root.first, root.second, root.scale = None, None, nf.Module()
    root.third, root.first, root.second, root.scale = layers
    see.equal(names(root.named_modules()), ["", "scale", "third", "first", "second"])
    for child, layer in zip(root.children(), (layers[3], *layers[:3]), strict=True):
        see.same(child, layer)
    layers[0].bias, layers[0].weight = None, nf.Parameter([2.0])
    layers[0].bias = nf.Parameter([3.0])
    see.equal(names(root.named_parameters()), ["third.weight", "third.bias"])
    layers[0].register_parameter("weight", nf.Parameter([4.0]))
    see.equal([parameter.item() for parameter in root.parameters()], [4.0, 3.0])


def test_a_frozen_parameter_is_still_one(see):
    """requires_grad = False keeps a parameter from being trained, not from being found: its values are saved."""
    root = family()
    root.first.weight.requires_grad = False
    see.equal(names(root.named_parameters()), ["scale", "first.weight", "first.inner.bias", "second.weight"])
    see.equal([parameter.item() for parameter in root.parameters()], [3.0, 2.0, 1.0, 4.0])


def test_what_was_removed_or_replaced_comes_no_more(see):
    """The walk gives what is registered now, not what you removed, replaced or set to None."""
    root = family()
    root.register_parameter("scale", None)
    root.first = nf.Module()
    root.first.gain = nf.Parameter([5.0])
    root.second = None
    see.equal(names(root.named_parameters()), ["first.gain"])
    see.equal(len(list(root.children())), 1)
    root.part = nf.Parameter([6.0])
    root.first, root.part = nf.Parameter([7.0]), nf.Module()
    see.equal(names(root.named_parameters()), ["first"])
    see.equal(names(root.named_modules()), ["", "part"])


def test_plain_tensors_and_buffers_are_not_trained(see):
    """Plain Tensors (even if they require grad) and buffers are not parameters: nothing trains them."""
    module = nf.Module()
    module.constant = nf.Tensor([1.0], requires_grad=True)
    module.register_buffer("mean", nf.Tensor([2.0]).numpy())
    module.weight = nf.Parameter([3.0])
    see.equal(names(module.named_parameters()), ["weight"])
