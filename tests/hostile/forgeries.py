"""Code in a tree that changes what is sent to the grader in the place of what was computed."""

# At the end of the package's __init__.py. `See` and `Suite` are the classes that run next to the tree.
BEGINNING = """
import gc, json, os
classes = [one for one in gc.get_objects() if isinstance(one, type)]
found = {one.__name__: one for one in classes if str(one.__module__).startswith("grader.inside.")}
See, Suite = found["See"], found["Suite"]
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
honest = Suite.record
def forged(self, fact):
    return honest(self, {**fact, "observed": fact.get("expected", fact["observed"])})
Suite.record = forged
first = See.__init__
def init(self, record, expectations=True):
    first(self, record, True)
See.__init__ = init
""",
    "no fact is sent": "Suite.record = lambda self, fact: None",
    "every fact is sent as one that is true": """
honest = Suite.record
Suite.record = lambda self, fact: honest(self, {"kind": "equal", "observed": True})
""",
    "every fact is an upper bound that holds": """
honest = Suite.record
Suite.record = lambda self, fact: honest(self, {"kind": "at_most", "observed": -1e300})
""",
    "a tolerance comes along": """
honest = Suite.record
Suite.record = lambda self, fact: honest(self, {**fact, "tolerance": 1e300})
""",
    "facts are sent twice": """
honest = Suite.record
Suite.record = lambda self, fact: (honest(self, fact), honest(self, fact))
""",
    "checks end before they begin": """
def run(self, item, seconds):
    self.failure = None
Suite.run = run
""",
    "what was observed is None": """
honest = Suite.record
Suite.record = lambda self, fact: honest(self, {**fact, "observed": None})
""",
    "errors are sent that are everything at once": """
import builtins
honest = Suite.record
def forged(self, fact):
    if fact["kind"] == "raises":
        names = [name for name, one in vars(builtins).items() if isinstance(one, type) and issubclass(one, Exception)]
        fact["observed"]["types"] = [*names, "ShapeError", "BroadcastingError", "GradientError"]
    return honest(self, fact)
Suite.record = forged
""",
    "no error at all is sent": """
honest = Suite.record
def forged(self, fact):
    if fact["kind"] == "raises":
        fact["observed"]["types"] = []
    return honest(self, fact)
Suite.record = forged
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
    "float16 is claimed, so that the tolerance is wide": """
honest = Suite.record
def forged(self, fact):
    if isinstance(fact["observed"], dict) and "dtype" in fact["observed"]:
        fact["observed"]["dtype"] = "float16"
    return honest(self, fact)
Suite.record = forged
""",
}
