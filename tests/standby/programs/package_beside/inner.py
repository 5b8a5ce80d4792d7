from . import VALUE
