class Last:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


a = Last("a")
b = Last("b")
cycle = Last("cycle")
cycle.self = cycle
print("end of main")
