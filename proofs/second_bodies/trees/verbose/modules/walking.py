"""Walking through trees of modules, without recursion, and joining their names."""

from dataclasses import dataclass


@dataclass(eq=False)
class PlaceInTree:
    """A module under a dotted name, and the ids of the modules that contain it there."""

    name: str
    module: object
    ids_above: frozenset = frozenset()


def join_names(prefix, name):
    """Join "layer" and "weight" -> "layer.weight"; a missing prefix adds no dot."""
    if prefix == "":
        return name
    return prefix + "." + name


def places_of_children(place):
    """The places of all registered children of a module, in order, also of those that contain it."""
    places = []
    ids_above = place.ids_above | {id(place.module)}
    for child_name, child in list(place.module._modules.items()):
        places.append(PlaceInTree(join_names(place.name, child_name), child, ids_above))
    return places


def walk_once(module, prefix):
    """Yield the place of the module and of everything inside it, each module once, a parent before its children."""
    seen_ids = set()
    waiting = [PlaceInTree(prefix, module)]
    while len(waiting) > 0:
        place = waiting.pop()
        if id(place.module) in seen_ids:
            continue
        seen_ids.add(id(place.module))
        yield place
        children = places_of_children(place)
        children.reverse()  # the first child is to be the next that is popped
        waiting.extend(children)


def walk_every_name(module, prefix, modules_above):
    """Yield every place of every module, also of shared ones, but none inside of itself."""
    ids_above = frozenset(id(one_module) for one_module in modules_above)
    waiting = [PlaceInTree(prefix, module, ids_above)]
    while len(waiting) > 0:
        place = waiting.pop()
        if id(place.module) in place.ids_above:
            continue
        yield place
        children = places_of_children(place)
        children.reverse()
        waiting.extend(children)
