"""Code in a tree that changes what is sent to the grader in the place of what was computed."""

# At the end of the package's __init__.py. `See` and `Suite` are the classes that run next to the tree.
BEGINNING = """
import gc, json, os
classes = [*object.__subclasses__()]  # gc.get_objects() has none of what was there before the first fork
found = {one.__name__: one for one in classes if str(one.__module__).startswith("grader.inside.")}
See, Suite = found["See"], found["Suite"]
def forge(change):
    # `change` takes the place of what passes a fact on: it is given that and the fact.
    passes_on = lambda see: lambda fact: change(vars(see)["_record"], fact)
    See._record = property(passes_on, lambda see, record: vars(see).update(_record=record))
"""
FORGERIES = {
    "the expectation is sent as the observation, by each method": """
for name in ("close", "equal", "at_least", "at_most"):
    def forged(self, observed, expected=None, *rest, honest=getattr(See, name), **others):
        return honest(self, observed if expected is None else expected, *rest, **others)
    setattr(See, name, forged)
""",
    "the expectation is sent as the observation, by the one method behind all": """
honest = See._fact
def forged(self, kind, observed, expected=None, **others):
    return honest(self, kind, observed if expected is None else expected, **others)
See._fact = forged
""",
    "expectations are turned on and sent as observations": """
forge(lambda honest, fact: honest({**fact, "observed": fact.get("expected", fact["observed"])}))
See._expectations = property(lambda self: True, lambda self, value: None)
""",
    "no fact is sent": "forge(lambda honest, fact: None)",
    "every fact is sent as one that is true": """
forge(lambda honest, fact: honest({"kind": "equal", "observed": True}))
""",
    "every fact is an upper bound that holds": """
forge(lambda honest, fact: honest({"kind": "at_most", "observed": -1e300}))
""",
    "a tolerance comes along": """
forge(lambda honest, fact: honest({**fact, "tolerance": 1e300}))
""",
    "facts are sent twice": """
forge(lambda honest, fact: (honest(fact), honest(fact)))
""",
    "checks end before they begin": """
def run(self, item, seconds):
    self.failure = None
Suite.run = run
""",
    "what was observed is None": """
forge(lambda honest, fact: honest({**fact, "observed": None}))
""",
    "errors are sent that are everything at once": """
import builtins
def forged(honest, fact):
    if fact["kind"] == "raises":
        names = [name for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, Exception)]
        fact["observed"]["types"] = [*names, "ShapeError", "BroadcastingError", "GradientError"]
    return honest(fact)
forge(forged)
""",
    "no error at all is sent": """
def forged(honest, fact):
    if fact["kind"] == "raises":
        fact["observed"]["types"] = []
    return honest(fact)
forge(forged)
""",
    "what the check expects is looked for among its local variables": """
import sys
honest = See._fact
def forged(self, kind, observed, *rest, **others):
    frame = sys._getframe(2)
    for name in ("expected", "wanted", "right"):
        observed = frame.f_locals.get(name, observed) if frame.f_locals.get(name) is not None else observed
    return honest(self, kind, observed, *rest, **others)
See._fact = forged
""",
    "what says yes or no says yes, and bounds hold": """
def forged(honest, fact):
    kind, observed = fact["kind"], fact["observed"]
    bounds = {"at_least": 1e300, "at_most": -1e300}
    return honest({**fact, "observed": True if observed is False else bounds.get(kind, observed)})
forge(forged)
See.same = lambda self, observed, given=None, what="": self._fact("equal", given)
""",
    "float16 is claimed, so that the tolerance is wide": """
def forged(honest, fact):
    if isinstance(fact["observed"], dict) and "dtype" in fact["observed"]:
        fact["observed"]["dtype"] = "float16"
    return honest(fact)
forge(forged)
""",
    "facts hold arrays that no memory has room for": """
shapes = [[20_000] * 40 + [0], [2**40] * 30]
arrays = [{"array": one, "dtype": "int8", "shape": shape} for one in ([], None) for shape in shapes]
texts = ["x" * 10_000, *[""] * 40_000]
def forged(honest, fact):
    if fact["kind"] != "raises":
        arrays.append(arrays.pop(0))
        fact["observed"] = texts if fact["kind"] == "close" else arrays[0]
    return honest(fact)
forge(forged)
""",
}
