def inner(value):
    return value / 0


def outer():
    return [inner(value) for value in (1,)]


print("before")
outer()
