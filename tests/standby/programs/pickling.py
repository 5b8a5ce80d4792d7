import copy
import pickle
from dataclasses import dataclass
from enum import Enum


@dataclass
class Point:
    x: int
    y: int


class Color(Enum):
    RED = 1


data = pickle.dumps([Point(1, 2), Color.RED, len], protocol=4)
print(data)
print(pickle.loads(data), copy.deepcopy(Point(3, 4)), Point.__module__, Point.__qualname__)
try:
    pickle.dumps(lambda: 0)
except Exception as error:
    print(type(error), str(error).split(" at 0x")[0])
