from __future__ import annotations


def typed(value: undefined) -> also_undefined:
    return value


print(typed(1), typed.__annotations__)
