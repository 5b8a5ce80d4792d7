import random

print(random.__file__.rsplit("/", 1)[-1], random.__spec__.origin == random.__file__)
import abc
import colorsys

print(abc.__name__, colorsys.__name__)
