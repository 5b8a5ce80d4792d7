"""
>>> 1 + 1
2
>>> 1 / 0
Traceback (most recent call last):
ZeroDivisionError: division by zero
>>> 2 + 2
5
"""
import doctest

print(doctest.testmod())
