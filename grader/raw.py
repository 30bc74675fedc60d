from .fixtures import *
