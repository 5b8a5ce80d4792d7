import resource

resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
print("small", len(bytearray(1 << 20)))
bytearray(1 << 30)
