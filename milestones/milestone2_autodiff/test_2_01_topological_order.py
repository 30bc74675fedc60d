"""2.1 Topological order: the operations that lead to a tensor, every consumer before its producers."""

import neural_framework as nf


def leaf(value=1.0):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True)


def chain(x, count):
    """x, after this many operations, one after the other."""
    for _ in range(count):
        x = x.abs()
    return x


def position(order, tensor):
    """The position in the order of the operation that made `tensor`, or -1 if it is not there."""
    return next((place for place, operation in enumerate(order) if operation is tensor.grad_fn), -1)


def out_of_order(order):
    """How many producers do not come after the operation that consumes them."""
    places = {id(operation): place for place, operation in enumerate(order)}
    producers = [(place, x.grad_fn) for place, operation in enumerate(order) for x in operation.inputs]
    return sum(places.get(id(made_by), -1) <= place for place, made_by in producers if made_by is not None)


def test_a_leaf_has_no_operations(see):
    """No operation computed a leaf, so the order is empty, whether the leaf requires grad or not."""
    tensors = [leaf(), nf.Tensor(1.0), chain(leaf(), 5)]
    see.equal([len(list(nf.topological_sort(tensor))) for tensor in tensors], [0, 0, 5])


def test_a_chain_runs_from_the_result_back_to_the_leaf(see):
    """A chain has only one order: the operation that was computed last comes first."""
    first = leaf().exp()
    second = first.abs()
    third = second.exp()
    order = list(nf.topological_sort(third))
    see.equal([position(order, third), position(order, second), position(order, first)], [0, 1, 2])
    see.equal(len(order), 3)


def test_an_operation_used_by_two_others_comes_once_and_after_both(see):
    """In a diamond, the shared operation comes once, and after both of its consumers."""
    shared = leaf().exp()
    left, right = shared.abs(), shared.exp()
    result = left + right
    order = list(nf.topological_sort(result))
    see.equal(len(order), 4)
    see.equal([position(order, result), position(order, shared)], [0, 3])


def test_a_diamond_with_one_long_arm_waits_for_the_long_arm(see):
    """`shared` comes after its long path; a search level by level lists it too early, on either side of the sum."""
    shared = leaf().exp()
    for result in (shared + shared.abs().exp(), shared.abs().exp() + shared):
        order = list(nf.topological_sort(result))
        see.equal(len(order), 4)
        see.equal(position(order, shared), 3)
        see.equal(out_of_order(order), 0)


def test_the_order_of_creation_is_not_assumed_to_be_the_order_of_use(see, rng):
    """In a random graph of sums, every operation that leads to the result comes once, and no producer too early."""
    tensors, terms = [leaf() for _ in range(3)], [(), (), ()]
    for _ in range(40):
        first, second = rng.integers(max(0, len(tensors) - 8), len(tensors), size=2)
        tensors.append(tensors[first] + tensors[second])
        terms.append((first, second))
    wanted, waiting = set(), [len(terms) - 1]
    while waiting:
        number = waiting.pop()
        if terms[number] and number not in wanted:
            wanted.add(number)
            waiting.extend(terms[number])
    order = list(nf.topological_sort(tensors[-1]))
    numbers = {id(tensor.grad_fn): number for number, tensor in enumerate(tensors)}
    see.equal(sorted(numbers.get(id(operation), -1) for operation in order), sorted(wanted))
    see.equal(out_of_order(order), 0)


def test_one_operation_that_takes_a_tensor_twice_is_one_operation(see):
    """`y + y` is one Add although it uses y twice, and y comes after it and after every other that uses y."""
    y = chain(leaf(), 3)
    z = y + y
    order = list(nf.topological_sort(z))
    see.equal([position(order, z), position(order, y)], [0, 1])
    see.equal(len(order), 1 + 3)
    other = y.abs()
    for result in (z + other, other + z):
        order = list(nf.topological_sort(result))
        see.equal([len(order), out_of_order(order)], [3 + 3, 0])


def test_only_what_leads_to_the_tensor_is_in_the_order(see):
    """The order has no other result of the same leaf, and nothing that was computed from the tensor later."""
    x = leaf()
    side = x.abs()
    y = chain(x, 2)
    later = y + side
    order = list(nf.topological_sort(y))
    see.equal([position(order, y), position(order, side), position(order, later)], [0, -1, -1])
    see.equal(len(order), 2)


def test_what_needs_no_gradient_is_not_in_the_order(see):
    """A branch of constants was never recorded, so it adds no operation and no None."""
    constant = nf.Tensor(2.0).exp()
    result = constant + leaf().exp()
    order = list(nf.topological_sort(result))
    see.equal(len(order), 2)
    see.equal([isinstance(operation, nf.Operation) for operation in order], [True, True])


def test_asking_twice_gives_the_operations_twice(see):
    """A second call gives the same operations, because the first call leaves no marks on them."""
    result = chain(leaf(), 3)
    see.equal(len(list(nf.topological_sort(result))), 3)
    see.equal(len(list(nf.topological_sort(result))), 3)


def test_a_chain_of_100000_operations_does_not_end_in_a_recursion_error(see):
    """Python stops after about 1,000 nested calls, so walk with a list of your own, not by recursion."""
    x = leaf()
    for _ in range(100_000):
        x = x.abs()
    see.equal(len(list(nf.topological_sort(x))), 100_000)


def test_sixty_doublings_take_no_longer_than_sixty_operations(see):
    """`x = x + x` sixty times has 2**60 paths but only 60 operations, so remember which ones you have visited."""
    x = leaf()
    for _ in range(60):
        x = x + x
    order = list(nf.topological_sort(x))
    see.equal(len(order), 60)
    see.equal(out_of_order(order), 0)
