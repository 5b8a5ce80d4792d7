def counter():
    try:
        yield 1
        yield 2
    finally:
        print("closed")


values = counter()
print(next(values))
