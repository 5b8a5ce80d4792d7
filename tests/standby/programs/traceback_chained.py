class Custom(ValueError):
    pass


def parse(text):
    try:
        return int(text)
    except ValueError as error:
        raise Custom("cannot " + text) from error


try:
    parse("x")
except Custom:
    {}["missing"]
