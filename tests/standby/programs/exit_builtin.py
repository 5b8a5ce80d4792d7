print(repr(exit), repr(quit), copyright is not None, repr(help)[:30])
exit("bye")
