import __main__

print(__main__.__file__, __main__.__dict__ is globals())
import import_main

print(import_main.__name__, import_main.__spec__.name)
